// From the folder of a y-sweet server to rooms of the real server. The files are made here, byte by byte, of what y-sweet 0.9
// and yrs-kvstore 0.3 say they write; the updates in them are Yjs' own.
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import * as Y from 'yjs'
import { World } from './lib/world.mjs'

const u64 = number => { const out = Buffer.alloc(8); out.writeBigUInt64LE(BigInt(number)); return out }
const u32 = number => { const out = Buffer.alloc(4); out.writeUInt32BE(number); return out }
const sized = bytes => Buffer.concat([u64(bytes.length), bytes])
// As bincode writes a BTreeMap.
const blob = entries => Buffer.concat([u64(entries.length), ...entries.flat().map(part => sized(Buffer.from(part)))])
const ofDocument = (kind, ...behind) => Buffer.concat([Buffer.from([0, 1]), u32(1), Buffer.from([kind]), ...behind])
const number = [Buffer.from([0, 0, 0x64, 0x6f, 0x63, 0]), u32(1)]

// One state, and updates behind it.
function kept (state, updates = []) {
  return blob([
    number,
    [ofDocument(0), state],
    [ofDocument(1), Y.encodeStateVectorFromUpdate(state)],
    ...updates.map((update, at) => [ofDocument(2, u32(at + 1), Buffer.from([0])), update]),
    [ofDocument(3, Buffer.from('owner\0')), Buffer.from('ann')]
  ])
}

function written (text) {
  const doc = new Y.Doc()
  for (const letter of text) doc.getText('text').insert(doc.getText('text').length, letter)
  return doc
}

async function folder (t, files) {
  const path = await mkdtemp(join(tmpdir(), 'y-sweet-'))
  t.after(() => rm(path, { recursive: true, force: true }))
  for (const [name, bytes] of Object.entries(files)) {
    await mkdir(join(path, name))
    await writeFile(join(path, name, 'data.ysweet'), bytes)
  }
  return path
}

async function stopped (t) {
  const world = await World.start(t)
  await world.server.kill('SIGTERM')
  return world
}

const migrate = (server, path, ...options) => server.cli('migrate', 'y-sweet', path, ...options)

test('what clients wrote at y-sweet, clients read at Freshet', async t => {
  const notes = written('a note')
  const first = Y.encodeStateAsUpdate(notes)
  const path = await folder(t, { plan_2026: kept(Y.encodeStateAsUpdate(written('Grüße aus y-sweet'))), notes: kept(first), empty: blob([]) })
  const world = await World.start(t)
  const { server } = world

  assert.equal((await migrate(server, path)).code, 5, 'ours has the store')
  await server.kill('SIGTERM')
  const dry = await migrate(server, path, '--dry-run')
  assert.match(dry.stdout, /^rooms to migrate: 2 /, dry.stderr)
  const once = await migrate(server, path)
  assert.match(once.stdout, /^rooms migrated: 2 \(\d+ bytes\); there already: 0; empty: 1; failed: 0\n$/, once.stderr)
  const again = await migrate(server, path)
  assert.match(again.stdout, /^rooms migrated: 0 \(0 bytes\); there already: 2; empty: 1; failed: 0\n$/, again.stderr)

  // y-sweet went on: an update was pushed, and not joined to the state yet.
  const update = new Promise(resolve => notes.once('update', resolve))
  notes.getText('text').insert(6, ', and more')
  await writeFile(join(path, 'notes', 'data.ysweet'), kept(first, [await update]))
  const behind = await migrate(server, path)
  assert.match(behind.stderr, /notes.*is there, and lacks edits of this state: it stays/)
  assert.equal((await migrate(server, path, '--overwrite')).code, 0)

  await server.launch()
  const ann = await world.joinSynced('plan_2026')
  await ann.untilText('Grüße aus y-sweet')
  const bob = await world.joinSynced('notes')
  await bob.untilText('a note, and more')
})

test('a file that is none is one room that fails, and the others go on', async t => {
  const good = kept(Y.encodeStateAsUpdate(written('good')))
  const path = await folder(t, {
    good,
    cut: good.subarray(0, good.length - 3),
    longer: Buffer.concat([good, Buffer.from([0])]),
    nameless: blob([[ofDocument(0), Y.encodeStateAsUpdate(written('whose?'))]]),
    hostile: Buffer.concat([u64(2n ** 63n), u64(2n ** 64n - 1n)]),
    bad: blob([number, [ofDocument(0), Buffer.from([9, 9, 9])]])
  })
  const { server } = await stopped(t)
  const said = await migrate(server, path)
  assert.equal(said.code, 1)
  for (const name of ['cut', 'longer', 'nameless', 'hostile']) {
    assert.match(said.stderr, new RegExp(`${name}/data.ysweet, room "${name}": is damaged, or nothing that y-sweet wrote`))
  }
  assert.match(said.stderr, /bad\/data.ysweet, room "bad": /)
  assert.match(said.stdout, /^rooms migrated: 1 .*failed: 5\n$/)
})

test('a folder without documents is told what to name', async t => {
  const path = await folder(t, {})
  const { server } = await stopped(t)
  const said = await migrate(server, path)
  assert.equal(said.code, 1)
  assert.match(said.stderr, /has no DOCUMENT\/data.ysweet: name the folder that `y-sweet serve` was given/)
  assert.match((await migrate(server, join(path, 'nowhere'))).stderr, /nowhere: cannot be read/)
})
