// docs/backup.md with people in the room: a copy that is made while they write, and what they find when it is put back.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { until } from './lib/wait.mjs'
import { World } from './lib/world.mjs'

const saved = client => until('it is told that all is saved', async () => (await client.do('status')).saved === true)

test('what was saved when the copy was made is there when it is put back, and what was there before is kept', async t => {
  const world = await World.start(t)
  const { server } = world
  const ann = await world.joinSynced('den')
  await ann.do('append', 'before the copy')
  await saved(ann)
  const backup = await server.cli('rooms', 'backup', 'copy.db')
  assert.equal(backup.code, 0, backup.stderr)
  await ann.do('append', ', and after it')
  await saved(ann)
  assert.equal((await server.cli('rooms', 'restore', 'copy.db')).code, 5, 'a server has the store')
  await world.leave(ann)
  await server.kill('SIGTERM')

  const restored = await server.cli('rooms', 'restore', 'copy.db')
  assert.equal(restored.code, 0, restored.stderr)
  await server.launch()
  const bob = await world.joinSynced('den')
  await bob.untilText('before the copy')
  assert.ok(existsSync(join(server.folder, 'copy.db')))
  const aside = (await readdir(server.folder)).filter(name => name.startsWith('freshet.db.before-'))
  assert.equal(aside.length, 1, 'what was there is set aside')
})

test('a copy is tried beside the server, which notices nothing of it', async t => {
  const world = await World.start(t)
  const { server } = world
  const ann = await world.joinSynced('den')
  await ann.do('append', 'words')
  await saved(ann)
  assert.equal((await server.cli('rooms', 'backup', 'copy.db')).code, 0)
  const other = await World.start(t)
  await other.server.kill('SIGTERM')
  const restored = await other.server.cli('rooms', 'restore', join(server.folder, 'copy.db'))
  assert.equal(restored.code, 0, restored.stderr)
  const shown = await other.server.cli('rooms', 'export', 'den', '--json')
  assert.match(shown.stdout, /words/)
  await ann.do('append', ', and more')
  await saved(ann)
})
