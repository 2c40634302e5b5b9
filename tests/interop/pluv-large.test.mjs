// What only large documents and long sleeps bring up, with clients that do what stock ones do.
import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import test from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import * as Y from 'yjs'
import { PluvPeer } from './lib/pluv-peer.mjs'
import { Server } from './lib/server.mjs'
import { until } from './lib/wait.mjs'

const kLong = { withinMs: 60_000 }
const base64 = bytes => Buffer.from(bytes).toString('base64')
const text = doc => doc.getText('text')

// A client and the document it keeps over its connections.
class Person {
  constructor (name, doc = new Y.Doc()) { Object.assign(this, { name, doc, offers: true }) }

  async enter (server) {
    const peer = new PluvPeer({ url: `ws://127.0.0.1:${server.port}/pluv/hall?acks=1`, name: this.name, room: 'hall', user: null })
    this.peer = peer
    this.sent = this.saved = 0
    peer.onsaved = ({ data }) => { this.saved = data.update }
    await until(`${this.name} is registered`, () => peer.id, kLong)
    const update = this.doc.store.clients.size === 0 ? null : base64(Y.encodeStateAsUpdate(this.doc))
    peer.send(JSON.stringify({ type: '$initializeSession', data: { presence: {}, update } }))
    await until(`${this.name} has the document`, () => peer.storage, { ...kLong, describe: () => `${peer.closeCode} ${peer.errors}` })
    Y.applyUpdate(peer.doc, Y.encodeStateAsUpdate(this.doc))
    this.doc = peer.doc
    this.upload('$initialized', Y.encodeStateAsUpdate(peer.doc))
    peer.doc.on('update', (update, origin) => { if (origin === this) this.upload(null, update) })
  }

  upload (origin, update) {
    ++this.sent
    this.peer.send(JSON.stringify({ type: '$updateStorage', data: { origin, update: base64(update) } }))
  }

  write (word) { this.doc.transact(() => text(this.doc).insert(0, word), this) }
  isSaved () { return until(`what ${this.name} wrote is saved`, () => this.saved === this.sent, { ...kLong, describe: () => `${this.peer.closeCode} ${this.peer.errors}` }) }
}

test('a document of 20 MiB opens, is edited by two and survives a restart', async t => {
  const server = await Server.start({ plugins: { 'protocol-pluv': {} } })
  t.after(() => server.stop())
  const doc = new Y.Doc()
  text(doc).insert(0, 'x'.repeat(20 << 20))
  const ann = new Person('ann', doc)
  const bob = new Person('bob')

  await ann.enter(server)
  await ann.isSaved()
  await bob.enter(server)
  await bob.isSaved()
  ann.write('ann ')
  bob.write('bob ')
  await Promise.all([ann, bob].map(each => each.isSaved()))
  const both = doc => text(doc).length === (20 << 20) + 8
  await until('both have both', () => both(ann.doc) && both(bob.doc), kLong)
  for (const { peer } of [ann, bob]) assert.deepEqual([peer.errors, peer.faults, peer.closeCode], [[], [], undefined])

  await server.kill('SIGTERM')
  assert.equal(await ann.peer.closed, 1012)
  await server.launch()
  await ann.enter(server)
  await ann.isSaved()
  const carol = new Person('carol')
  await carol.enter(server)
  await carol.isSaved()
  assert.equal(text(carol.doc).toString(), text(ann.doc).toString())
  assert.ok(both(carol.doc))
  ann.write('more ')
  await until('carol hears of more', () => text(carol.doc).toString().startsWith('more '), kLong)
  for (const { peer } of [ann, carol]) assert.deepEqual([peer.errors, peer.faults, peer.closeCode], [[], [], undefined])
})

test('a client that was asleep for longer than anybody waits comes back and has everything', async t => {
  const server = await Server.start({
    plugins: {
      'platform-ws': { heartbeat_ms: '300 ms', idle_timeout_ms: '1 s' },
      'protocol-pluv': { idle_timeout_ms: '3 s', retry_delay_ms: '100 ms' }
    }
  })
  t.after(() => server.stop())
  const url = `ws://127.0.0.1:${server.port}/pluv/hall`
  const sleeper = fork(fileURLToPath(new URL('./lib/pluv-sleeper.mjs', import.meta.url)), [url])
  t.after(() => sleeper.kill('SIGKILL'))
  let seen = { codes: [], text: '' }
  sleeper.on('message', message => { seen = message })
  const ann = new Person('ann')
  await ann.enter(server)
  setInterval(() => { if (ann.peer.live) ann.peer.send('{"type":"$ping","data":{}}') }, 200).unref()
  ann.write('before ')
  await until('it has what was written', () => seen.text === 'before ', { describe: () => JSON.stringify(seen) })

  sleeper.kill('SIGSTOP')
  await pause(2000)
  ann.write('meanwhile ')
  await until('it is gone for the others', () => ann.peer.others.size === 1, { describe: () => String(ann.peer.others.size) })
  sleeper.kill('SIGCONT')

  await until('it has everything', () => seen.text === 'meanwhile before ', { describe: () => JSON.stringify(seen) })
  assert.deepEqual(seen.codes, [1013])
})
