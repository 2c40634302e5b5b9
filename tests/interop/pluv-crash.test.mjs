// kill -9 while pluv clients write: what was noted as saved is there afterwards, once, and what was
// not comes back with the clients.
import assert from 'node:assert/strict'
import test from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import * as Y from 'yjs'
import { PluvPeer } from './lib/pluv-peer.mjs'
import { Server } from './lib/server.mjs'
import { until } from './lib/wait.mjs'

const kRounds = 5
const kPeople = 3

const base64 = bytes => Buffer.from(bytes).toString('base64')
const list = peer => peer.doc.getArray('list')

// A client, with the document it had before, if it had one.
class Writer {
  constructor (name) { Object.assign(this, { name, made: 0, noted: new Set(), doc: new Y.Doc() }) }

  async enter (server) {
    const peer = new PluvPeer({ url: `ws://127.0.0.1:${server.port}/pluv/hall?acks=1`, name: this.name, room: 'hall', user: null })
    this.peer = peer
    this.sent = []
    peer.onsaved = ({ data }) => { if (this.sent[data.update - 1]) this.noted.add(this.sent[data.update - 1]) }
    await until(`${this.name} is registered`, () => peer.id)
    peer.send(JSON.stringify({ type: '$initializeSession', data: { presence: {}, update: null } }))
    await until(`${this.name} has the document`, () => peer.storage)
    Y.applyUpdate(peer.doc, Y.encodeStateAsUpdate(this.doc))
    this.doc = peer.doc
    this.upload('$initialized', Y.encodeStateAsUpdate(peer.doc), '')
    peer.doc.on('update', (update, origin) => { if (origin === this) this.upload('edit', update, this.mark) })
  }

  // The n-th of this connection, as its note will say.
  upload (origin, update, mark) {
    this.sent.push(mark)
    this.peer.send(JSON.stringify({ type: '$updateStorage', data: { origin, update: base64(update) } }))
  }

  write () {
    if (!this.peer.live) return
    this.mark = `${this.name}:${this.made++}`
    this.doc.transact(() => this.doc.getArray('list').push([this.mark]), this)
  }
}

const each = (marks, all, what) => {
  for (const mark of marks) assert.equal(all.filter(each => each === mark).length, 1, `${mark} ${what}`)
}

test('nothing that was noted as saved is lost or doubled', async t => {
  const server = await Server.start({ plugins: { 'protocol-pluv': { retry_delay_ms: 0 } } })
  t.after(() => server.stop())
  const people = Array.from({ length: kPeople }, (_, i) => new Writer('abc'[i]))
  for (let round = 0; round < kRounds; ++round) {
    await Promise.all(people.map(one => one.enter(server)))
    const writing = setInterval(() => people.forEach(one => one.write()), 3)
    await pause(150 + 130 * round)
    await server.kill()
    clearInterval(writing)
    await Promise.all(people.map(one => one.peer.closed))
    await server.launch()
    const reader = new Writer('reader')
    await reader.enter(server)
    for (const { noted } of people) each(noted, list(reader).toArray(), 'was noted, then the server was killed')
    reader.peer.socket.close()
  }
  await Promise.all(people.map(one => one.enter(server)))
  const total = people.reduce((sum, one) => sum + one.made, 0)
  await until('all have all', () => people.every(one => list(one).length === total))
  for (const one of people) {
    each(Array.from({ length: one.made }, (_, i) => `${one.name}:${i}`), list(people[0]).toArray(), 'came back with its client')
    assert.deepEqual(one.peer.faults, [])
  }
  const noted = people.reduce((sum, one) => sum + one.noted.size, 0)
  t.diagnostic(`${kRounds} kills, ${noted} of ${total} edits noted before one`)
  assert.ok(noted > 30, `only ${noted} notes`)
})
