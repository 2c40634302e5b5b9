// Somebody's backend, written for @hocuspocus/extension-webhook: checks every signature as its documentation says, keeps
// what it was sent, and answers what a test has told it.
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { freePort } from './server.mjs'

export const backendSecret = 'a secret between Hocuspocus and a backend'

export class HocuspocusBackend {
  requests = [] // { event, payload }, all that came
  faults = []
  answers = {} // by event: payload → { status, body }

  static async start (t) {
    const self = new HocuspocusBackend()
    self.port = await freePort()
    await self.up()
    t.after(() => self.down())
    return self
  }

  get url () { return `http://127.0.0.1:${this.port}/hook` }

  async up () {
    this.server = createServer((request, response) => this.take(request, response)).listen(this.port, '127.0.0.1')
    await once(this.server, 'listening')
  }

  async down () {
    if (!this.server) return
    const closed = once(this.server, 'close')
    this.server.close()
    this.server.closeAllConnections?.()
    this.server = null
    await closed
  }

  async take (request, response) {
    const chunks = []
    for await (const chunk of request) chunks.push(chunk)
    const text = Buffer.concat(chunks).toString()
    const good = `sha256=${createHmac('sha256', backendSecret).update(text).digest('hex')}`
    if (request.headers['x-hocuspocus-signature-256'] !== good) this.faults.push(`a bad signature: ${text}`)
    if (!request.headers['content-type'].startsWith('application/json')) this.faults.push(`of type ${request.headers['content-type']}`)
    const { event, payload, ...more } = JSON.parse(text)
    if (Object.keys(more).length > 0) this.faults.push(`besides event and payload: ${text}`)
    this.requests.push({ event, payload })
    const { status = 200, body = {} } = this.answers[event]?.(payload) ?? {}
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }

  of (event, room) { return this.requests.filter(each => each.event === event && each.payload.documentName === room).map(each => each.payload) }
}
