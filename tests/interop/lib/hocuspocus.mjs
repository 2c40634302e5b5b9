// Real Hocuspocus providers, each socket in a process of its own: `socket.document(name)` is one
// document on it, which answers the commands that a Client answers.
import { Client } from './client.mjs'
import { until } from './wait.mjs'
import { World } from './world.mjs'

export const versions = [4, 3, 2]

// One server and its clients, of this wire and of others, gone when the test ends.
export class HocuspocusWorld extends World {
  // options: those of Server.start; whoever is refused need not wait.
  static start (t, options = {}) {
    const plugins = { ...options.plugins, 'protocol-hocuspocus': { retry_delay_ms: 0, ...options.plugins?.['protocol-hocuspocus'] } }
    return super.start(t, { ...options, plugins })
  }

  async socket (version = 4) {
    const socket = await Socket.open({ url: `ws://127.0.0.1:${this.server.port}/hocuspocus`, version })
    this.clients.push(socket)
    return socket
  }

  // A document on a socket of its own, when the server's first answer is here.
  async synced (version, name, options) {
    return (await this.socket(version)).synced(name, options)
  }
}

export class Socket extends Client {
  // options: { url, version: 2, 3 or 4 }
  static async open (options) {
    const self = new Socket({ program: './hocuspocus-process.mjs' })
    await self.do('open', options)
    return self
  }

  // options: { token or tokens, sessionAwareness, awareness: null, as }
  async document (name, options = {}) {
    await this.do('document', { name, ...options })
    return new Document(this, options.as ?? name)
  }

  async synced (name, options) {
    const document = await this.document(name, options)
    await document.untilSaved()
    return document
  }
}

export class Document {
  constructor (socket, name) { Object.assign(this, { socket, name }) }

  do (command, ...args) { return this.socket.do('on', this.name, command, args) }
  status () { return this.do('status') }

  until (what, fact, options) {
    return until(what, async () => fact(await this.status()),
      { ...options, describe: async () => JSON.stringify(await this.status()) })
  }

  // The provider says so: it has all, and all it has is on the server's disk.
  untilSaved (options) {
    return this.until('nothing is unsynced', status => status.synced && !status.hasUnsynced, options)
  }

  untilText (expected, options) { return Client.prototype.untilText.call(this, expected, options) }
}
