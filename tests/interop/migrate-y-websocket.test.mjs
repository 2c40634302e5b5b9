// From the LevelDB of a y-websocket server to rooms of the real server.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { LeveldbPersistence } from 'y-leveldb'
import * as Y from 'yjs'
import { World } from './lib/world.mjs'

const letters = (t, folder) => {
  const kept = new LeveldbPersistence(folder)
  return {
    // As the server stores what clients type: an update for each letter.
    async type (document, text) {
      const doc = await kept.getYDoc(document)
      const updates = []
      doc.on('update', update => updates.push(update))
      for (const letter of text) doc.getText('text').insert(doc.getText('text').length, letter)
      for (const update of updates) await kept.storeUpdate(document, update)
    },
    tidy: document => kept.flushDocument(document),
    meta: (document, key, value) => kept.setMeta(document, key, value),
    stop: () => kept.destroy()
  }
}

async function folder (t) {
  const path = await mkdtemp(join(tmpdir(), 'y-leveldb-'))
  t.after(() => rm(path, { recursive: true, force: true }))
  return join(path, 'documents')
}

const migrate = (server, path, ...options) => server.cli('migrate', 'y-websocket', path, ...options)

test('what clients wrote at y-websocket, clients read at Freshet', async t => {
  const path = await folder(t)
  const kept = letters(t, path)
  // The name is the path of its URL, as that was asked for.
  await kept.type('plans%202026', 'Grüße aus y-websocket')
  await kept.type('notes', 'a note')
  await kept.tidy('notes')
  await kept.type('notes', ', and more')
  await kept.meta('notes', 'owner', 'ann')
  const world = await World.start(t)
  const { server } = world

  assert.equal((await migrate(server, path)).code, 1, 'its server has it')
  await kept.stop()
  assert.equal((await migrate(server, path)).code, 5, 'ours has the store')
  await server.kill('SIGTERM')
  const dry = await migrate(server, path, '--dry-run')
  assert.match(dry.stdout, /^rooms to migrate: 2 /, dry.stderr)
  const first = await migrate(server, path)
  assert.match(first.stdout, /^rooms migrated: 2 \(\d+ bytes\); there already: 0; empty: 0; failed: 0\n$/, first.stderr)
  const again = await migrate(server, path)
  assert.match(again.stdout, /^rooms migrated: 0 \(0 bytes\); there already: 2; empty: 0; failed: 0\n$/, again.stderr)

  await server.launch()
  const ann = await world.joinSynced('plans 2026')
  await ann.untilText('Grüße aus y-websocket')
  const bob = await world.joinSynced('notes')
  await bob.untilText('a note, and more')
})

test('what is no LevelDB is said, and makes none', async t => {
  const path = await folder(t)
  const world = await World.start(t)
  await world.server.kill('SIGTERM')
  const said = await migrate(world.server, path)
  assert.equal(said.code, 1)
  assert.match(said.stderr, /documents: cannot be opened: .*does not exist/)
})

test('an update that is none is one room that fails, and the others go on', async t => {
  const path = await folder(t)
  const kept = new LeveldbPersistence(path)
  const doc = new Y.Doc()
  doc.getText('text').insert(0, 'good')
  await kept.storeUpdate('good', Y.encodeStateAsUpdate(doc))
  await kept.storeUpdate('bad', Y.encodeStateAsUpdate(doc))
  await kept._transact(db => db.put(['v1', 'bad', 'update', 1], Buffer.from([9, 9, 9])))
  await kept.destroy()
  const world = await World.start(t)
  await world.server.kill('SIGTERM')
  const said = await migrate(world.server, path)
  assert.equal(said.code, 1)
  assert.match(said.stderr, /document bad, room "bad": one of its 2 updates is no update of Yjs/)
  assert.match(said.stdout, /^rooms migrated: 1 .*failed: 1\n$/)
})
