// From the SQLite file of @hocuspocus/extension-sqlite to a room of the real server.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { Hocuspocus, HocuspocusClient, noHocuspocusStore } from './lib/hocuspocus-server.mjs'
import { until } from './lib/wait.mjs'
import { World } from './lib/world.mjs'

// A file that the real extension has written: by room, what was appended to its text, one after the other.
async function database (t, rooms) {
  const folder = await mkdtemp(join(tmpdir(), 'hocuspocus-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const file = join(folder, 'documents.db')
  const edit = async texts => {
    const hocuspocus = await Hocuspocus.start(t, { database: file })
    for (const [room, text] of Object.entries(texts)) {
      const client = HocuspocusClient.start(t, { url: hocuspocus.url, room })
      await client.untilSynced()
      await client.do('append', text)
      await client.untilSynced()
      await client.do('leave')
    }
    await hocuspocus.stop()
  }
  await edit(rooms)
  return { file, edit }
}

async function migrate (server, file, ...options) {
  const { code, stdout, stderr } = await server.cli('migrate', 'hocuspocus', file, ...options)
  return { code, stdout, stderr }
}

test('what clients wrote at Hocuspocus, clients of y-websocket read at Freshet', { skip: noHocuspocusStore }, async t => {
  const { file, edit } = await database(t, { 'plans 2026 é': 'Grüße aus Hocuspocus', notes: 'a note' })
  const world = await World.start(t)
  const { server } = world
  assert.equal((await migrate(server, file)).code, 5, 'a server has the store')
  await server.kill('SIGTERM')
  const first = await migrate(server, file)
  assert.equal(first.code, 0, first.stderr)
  assert.match(first.stdout, /^rooms migrated: 2 \(\d+ bytes\); there already: 0; empty: 0; failed: 0\n$/)

  await server.launch()
  const ann = await world.joinSynced('plans 2026 é')
  await ann.untilText('Grüße aus Hocuspocus')
  await ann.do('append', ', und weiter')
  await ann.untilAcknowledged()
  await world.leave(ann)
  await server.kill('SIGTERM')

  // Nobody switched Hocuspocus off: what was typed there meanwhile is said, and what was typed here stays.
  await edit({ notes: ', and more' })
  const again = await migrate(server, file)
  assert.equal(again.code, 1)
  assert.match(again.stderr, /room "plans 2026 é": is there, and has been edited here since/)
  assert.match(again.stderr, /room "notes": is there, and lacks edits of this state/)
  await server.launch()
  const bob = await world.joinSynced('plans 2026 é')
  await bob.untilText('Grüße aus Hocuspocus, und weiter')
})

test('a migration that is killed goes on where it was', { skip: noHocuspocusStore }, async t => {
  const rooms = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`room ${i}`, `text ${i}`]))
  const { file } = await database(t, rooms)
  const world = await World.start(t)
  const { server } = world
  await server.kill('SIGTERM')
  const child = spawn(process.env.FRESHET_BIN, ['migrate', 'hocuspocus', file, '-m', 'freshet.toml'], { cwd: server.folder })
  const ended = once(child, 'exit')
  await until('it has begun', async () => child.exitCode !== null || (await server.cli('rooms', 'list')).code === 5)
  child.kill('SIGKILL')
  await ended
  const rest = await migrate(server, file)
  assert.equal(rest.code, 0, rest.stderr)
  const [, migrated, there] = /^rooms migrated: (\d+) .*there already: (\d+);/.exec(rest.stdout)
  assert.equal(Number(migrated) + Number(there), 12)
  await server.launch()
  for (const [room, text] of Object.entries(rooms)) {
    const client = await world.joinSynced(room)
    await client.untilText(text)
    await world.leave(client)
  }
})
