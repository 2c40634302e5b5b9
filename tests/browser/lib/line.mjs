// The way from a page to a server, which a test can cut.
import { once } from 'node:events'
import { connect, createServer } from 'node:net'

export class Line {
  sockets = new Set()
  cut = false

  static async to (port) {
    const self = new Line()
    self.server = createServer(here => self.take(here, port)).listen(0, '127.0.0.1')
    await once(self.server, 'listening')
    return self
  }

  get url () { return `ws://127.0.0.1:${this.server.address().port}` }

  take (here, port) {
    if (this.cut) return here.destroy()
    const there = connect(port, '127.0.0.1')
    for (const [from, to] of [[here, there], [there, here]]) {
      this.sockets.add(from)
      from.on('error', () => {}).on('close', () => { this.sockets.delete(from); to.destroy() })
      from.pipe(to)
    }
  }

  // Without a goodbye, and nobody comes through until mend().
  break () {
    this.cut = true
    for (const socket of this.sockets) socket.destroy()
  }

  mend () { this.cut = false }

  end () { this.break(); this.server.close() }
}
