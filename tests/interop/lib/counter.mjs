// A pluv client of tests/interop/counting_plugin.cc.
import assert from 'node:assert/strict'
import { PluvPeer } from './pluv-peer.mjs'
import { until } from './wait.mjs'

export class Counter {
  static async join (t, server, room) {
    const self = new Counter()
    const name = `counter-${Math.floor(Math.random() * 1e6)}`
    self.peer = new PluvPeer({
      url: `ws://127.0.0.1:${server.port}/pluv/${encodeURIComponent(room)}`, name, room, user: null
    })
    t.after(() => self.leave())
    assert.ok(await self.peer.opened)
    await until(`${name} is in`, () => self.peer.id)
    return self
  }

  leave () { this.peer.socket.terminate() }

  async count () { return (await this.#call('count', {}, 'counted')).count }
  async keep (bytes) { return (await this.#call('keep', { bytes }, 'kept')).status }

  async #call (type, data, answer) {
    const answers = () => this.peer.events.filter(each => each.type === answer)
    const before = answers().length
    this.peer.send(JSON.stringify({ type, data }))
    await until(`${type} is answered`, () => answers().length > before || this.peer.errors.length > 0)
    assert.deepEqual(this.peer.errors, [])
    return answers()[before].data
  }
}
