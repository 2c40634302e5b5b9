// One node delivers what all of them have to tell a backend. It dies with much of it undelivered: another goes on, every event comes,
// and those of a room in order.
import assert from 'node:assert/strict'
import test from 'node:test'
import { Backend, webhookSecret } from '../interop/lib/backend.mjs'
import { textToldInOrder } from '../interop/lib/told.mjs'
import { Visit } from '../interop/lib/visit.mjs'
import { until } from '../interop/lib/wait.mjs'
import { Cluster } from './lib/cluster.mjs'
import { needsPostgres } from './lib/postgres.mjs'

// Whoever writes words into a room of its own, and what a backend has been told of it.
class Writer {
  words = ''

  constructor (t, backend, node, number) { Object.assign(this, { t, backend, node, room: `room${number}` }) }

  async enter () {
    this.visit = await Visit.begin({ url: this.node.url, room: this.room, shows: null })
    this.t.after(() => this.visit.end())
  }

  write (count) {
    for (let i = 0; i < count; ++i) {
      const word = `${this.room}-${this.words.length} `
      this.visit.doc.getText('text').insert(this.words.length, word)
      this.words += word
    }
  }

  get heard () { return textToldInOrder(this.backend.of(this.room).map(({ data }) => data.update)) }
}

test('the node that delivers dies, and another goes on where it was', needsPostgres, async t => {
  const backend = await Backend.start()
  t.after(() => backend.down())
  const cluster = await Cluster.start(t, {
    count: 3,
    plugins: {
      'app-webhook': { url: backend.url, secret: webhookSecret, events: ['room-message'], states: [], retry_ms: 50, retry_max_ms: 500 }
    }
  })
  const writers = [0, 1, 2, 1, 2].map((node, number) => new Writer(t, backend, cluster.nodes[node], number))
  await Promise.all(writers.map(writer => writer.enter()))
  const allCame = () => writers.every(writer => writer.heard === writer.words)
  const describe = () => JSON.stringify(writers.map(({ heard, words }) => [heard.length, words.length]))
  writers.forEach(writer => writer.write(5))
  await until('what is written at any node comes', allCame, { describe })
  assert.equal(backend.events.length, new Set(backend.events.map(({ id }) => id)).size, 'one came twice')

  backend.answer = () => ({ status: 503 })
  const before = backend.events.length
  const waiting = async () => Number((await cluster.database.query('SELECT count(*) FROM freshet.outbox')).trim())
  writers.forEach(writer => writer.write(5))
  await until('all of it waits', async () => await waiting() === 25, { describe: async () => `${await waiting()} wait` })
  await cluster.nodes[0].kill()
  backend.answer = () => ({ status: 200 })
  writers.slice(1).forEach(writer => writer.write(5))
  await until('another node goes on', allCame, { withinMs: 20_000, describe })
  assert.ok(backend.events.length > before)
  assert.equal(await waiting(), 0)
  assert.deepEqual(backend.faults, [])
})
