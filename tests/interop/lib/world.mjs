// One server and its clients, gone when the test ends.
import { Client } from './client.mjs'
import { Server } from './server.mjs'

export class World {
  clients = []

  // options: those of Server.start.
  static async start (t, options) {
    const self = new this()
    t.after(() => self.end())
    self.server = await Server.start(options)
    return self
  }

  // options: those of Client.join, without the address.
  async join (room, options = {}) {
    const client = await Client.join({ url: this.server.url, room, ...options })
    this.clients.push(client)
    return client
  }

  async joinSynced (room, options) {
    const client = await this.join(room, options)
    await client.untilSynced()
    return client
  }

  async leave (client) {
    this.clients = this.clients.filter(other => other !== client)
    await client.kill()
  }

  async end () {
    await Promise.all(this.clients.map(client => client.kill()))
    await this.server?.stop()
  }
}
