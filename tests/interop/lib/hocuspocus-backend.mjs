// Somebody's backend, written for @hocuspocus/extension-webhook: checks every signature as its documentation says, keeps
// what it was sent, and answers what a test has told it.
import { createHmac } from 'node:crypto'
import { Backend } from './backend.mjs'

export const backendSecret = 'a secret between Hocuspocus and a backend'

export class HocuspocusBackend extends Backend {
  requests = [] // { event, payload }, all that came
  answers = {} // by event: payload → { status, body }

  static async start (t) {
    const self = await super.start()
    t.after(() => self.down())
    return self
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
