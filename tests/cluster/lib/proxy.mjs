// Stands between nodes and their database: a TCP port on the way to a Unix socket that can be slow, cut, or gone.
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { freePort } from '../../ports/free-port.mjs'

export class Proxy {
  commits = 0
  cuts = 0
  #pairs = new Set()

  // delayMs: what is held up for so long, with all that comes after it: the moment a commit leaves a node.
  static async start (t, socket) {
    const self = Object.assign(new Proxy(), { socket, delayMs: 0 })
    self.port = await freePort()
    t.after(() => self.close())
    await self.open()
    return self
  }

  async open () {
    this.server = createServer(client => this.#join(client)).listen(this.port, '127.0.0.1')
    await once(this.server, 'listening')
  }

  // Nobody is let in, and who is in is thrown out.
  async close () {
    if (!this.server) return
    const closed = once(this.server, 'close')
    this.server.close()
    this.server = null
    this.cut()
    await closed
  }

  cut () {
    for (const pair of this.#pairs) {
      ++this.cuts
      pair.forEach(end => end.destroy())
    }
    this.#pairs.clear()
  }

  // Takes what is sent and gives nothing on, as a firewall does that forgot a connection.
  stall (stalled) {
    for (const pair of this.#pairs) pair.forEach(end => stalled ? end.pause() : end.resume())
  }

  #join (client) {
    const server = connect(this.socket)
    const pair = [client, server]
    this.#pairs.add(pair)
    const end = () => {
      this.#pairs.delete(pair)
      pair.forEach(each => each.destroy())
    }
    for (const each of pair) each.on('error', end).on('close', end)
    let held = Promise.resolve()
    let holding = 0
    client.on('data', bytes => {
      const commits = bytes.includes('COMMIT')
      if (commits) ++this.commits
      const delayMs = commits ? this.delayMs : 0
      if (delayMs === 0 && holding === 0) return server.write(bytes)
      ++holding
      held = held.then(() => new Promise(resolve => setTimeout(resolve, delayMs)))
        .then(() => { --holding; server.write(bytes) })
    })
    server.on('data', bytes => client.write(bytes))
  }
}
