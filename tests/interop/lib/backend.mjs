// Somebody's backend: takes webhooks, checks every signature, and can be told to misbehave.
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { freePort } from '../../ports/free-port.mjs'

export const webhookSecret = 'a secret between a server and a backend'

// As a receiver of pluv has it: keys sorted at every depth, then signed.
export const sorted = value => Array.isArray(value)
  ? value.map(sorted)
  : value && typeof value === 'object'
    ? Object.fromEntries(Object.keys(value).sort().map(key => [key, sorted(value[key])]))
    : value

export class Backend {
  events = [] // all that it took: { id, time, event, room, data }
  attempts = 0
  faults = []
  states = new Map() // by room: base64
  longStates = new Map() // by room: how many characters of base64 to send
  answer = () => ({ status: 200 }) // of an event; `null`: hangs up without a word

  // `tls`: { key, cert } of a server for https.
  static async start ({ tls } = {}) {
    const self = new this()
    self.tls = tls
    self.port = await freePort()
    await self.up()
    return self
  }

  get url () { return `${this.tls ? 'https' : 'http'}://127.0.0.1:${this.port}/hook` }

  async up () {
    const take = (request, response) => this.take(request, response)
    this.server = this.tls ? createTlsServer(this.tls, take) : createServer(take)
    this.server.on('tlsClientError', () => { this.distrusted = true }).listen(this.port, '127.0.0.1')
    await once(this.server, 'listening')
  }

  async down () {
    if (!this.server) return
    const closed = once(this.server, 'close')
    this.server.close()
    this.server.closeAllConnections?.()
    await closed
    this.server = null
  }

  async take (request, response) {
    const chunks = []
    try { for await (const chunk of request) chunks.push(chunk) } catch { return }
    const text = Buffer.concat(chunks).toString()
    const body = JSON.parse(text)
    const pluv = request.headers['x-pluv-signature-256']
    if (pluv ? !this.pluvGood(pluv, body) : !this.freshetGood(request.headers['x-freshet-signature'], text)) {
      this.faults.push(`a bad signature: ${text.slice(0, 200)}`)
    }
    const room = pluv ? body.data.room : body.room
    if (body.event === 'initial-storage') return this.giveState(response, pluv, room)
    ++this.attempts
    const answer = await this.answer(body, this.attempts)
    if (!answer) return request.socket.destroy()
    if (answer.status === 200) this.events.push({ ...body, room })
    response.writeHead(answer.status).end(answer.body ?? JSON.stringify({ ok: true, data: { event: body.event, room } }))
  }

  // As fast as they are read, and to nobody who has hung up.
  async giveLongState (response, characters) {
    const part = 'A'.repeat(1 << 16)
    const gone = once(response, 'close')
    response.writeHead(200).write('{"storage":"')
    for (let sent = 0; sent < characters && !response.destroyed; sent += part.length) {
      if (!response.write(part)) await Promise.race([once(response, 'drain'), gone])
    }
    response.end('"}')
  }

  giveState (response, pluv, room) {
    if (this.longStates.has(room)) return this.giveLongState(response, this.longStates.get(room))
    const storage = this.states.get(room) ?? null
    response.writeHead(200).end(JSON.stringify(
      pluv ? { ok: true, data: { event: 'initial-storage', room, storage } } : { storage }))
  }

  hmac (text) { return createHmac('sha256', webhookSecret).update(text).digest('hex') }
  pluvGood (header, body) { return header === `sha256=${this.hmac(JSON.stringify(sorted(body)))}` }
  freshetGood (header, text) {
    const [, time, mac] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(header) ?? []
    return mac === this.hmac(`${time}.${text}`) && Math.abs(Date.now() / 1000 - time) < 60
  }

  // Those of one room, an event that came twice in a row once.
  of (room) {
    return this.events.filter(each => each.room === room)
      .filter((each, i, all) => i === 0 || !each.id || each.id !== all[i - 1].id)
  }
}
