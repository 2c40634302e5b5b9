// Rooms that live for one stay of two visitors, each at a node of its own, and what a backend is told of their end.
import assert from 'node:assert/strict'
import { Backend, webhookSecret } from '../../interop/lib/backend.mjs'
import { until } from '../../interop/lib/wait.mjs'
import { Visit } from '../../interop/lib/visit.mjs'
import { stateOf } from './trace.mjs'

export class Ends {
  #count = 0
  #rooms = new Set()
  #visits = new Set()

  static async start (t) {
    const self = new Ends()
    self.backend = await Backend.start()
    t.after(() => self.backend.down())
    t.after(() => self.#visits.forEach(visit => visit.end()))
    return self
  }

  get plugins () {
    return {
      'app-webhook': { url: this.backend.url, secret: webhookSecret, events: ['room-deleted'], states: [], retry_ms: 50, retry_max_ms: 500 }
    }
  }

  // Both have been there at once. Ends when both have left, or their nodes have died.
  async open (nodes) {
    const room = `stay${this.#count++}`
    const visits = await Promise.all(nodes.map(node => Visit.begin({ url: node.url, room })))
    visits.forEach(visit => this.#visits.add(visit))
    visits[0].write('here')
    await until('both are in one room', () => visits.every(visit => visit.doc.getText('text').length > 0))
    this.#rooms.add(room)
    return {
      leave: () => visits.forEach(visit => {
        this.#visits.delete(visit)
        visit.end()
      })
    }
  }

  get count () { return this.#count }

  // Each of them was told of under one id.
  async untilToldOnce (database) {
    const idsOf = room => new Set(this.backend.events.filter(event => event.room === room).map(({ id }) => id))
    const untold = () => [...this.#rooms].filter(room => idsOf(room).size === 0)
    await until('the end of each room is told', () => untold().length === 0, {
      withinMs: 60_000,
      describe: async () => `not that of ${untold()}; in the database: ${await stateOf(database)}`
    })
    for (const room of this.#rooms) assert.equal(idsOf(room).size, 1, `the end of ${room} has several ids`)
    assert.deepEqual(this.backend.faults, [])
  }
}
