// What an app keeps beside a room: it is there after a kill, is shown to an operator, moves with the store, and goes with the room.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { promisify } from 'node:util'
import { Counter } from './lib/counter.mjs'
import { Server } from './lib/server.mjs'

async function serve (t, options = {}) {
  const server = await Server.start({ ...options, plugins: { 'protocol-pluv': {}, [process.env.FRESHET_COUNTING]: {} } })
  t.after(() => server.stop())
  return server
}

test('what was answered is there after kill -9', async t => {
  const server = await serve(t)
  const before = await Counter.join(t, server, 'hall')
  assert.deepEqual([await before.count(), await before.count()], [1, 2])
  await server.kill('SIGKILL')
  await server.launch()
  const after = await Counter.join(t, server, 'hall')
  assert.equal(await after.count(), 3)
  assert.equal(await (await Counter.join(t, server, 'other hall')).count(), 1)
})

test('an operator sees it, and it goes with the room, of which there may be nothing else', async t => {
  const server = await serve(t)
  const ann = await Counter.join(t, server, 'hall')
  await ann.count()
  ann.leave()
  const shown = await server.cli('rooms', 'show', 'hall')
  assert.deepEqual(JSON.parse(shown.stdout).kept, [{ name: 'counting', bytes: 1 }])
  assert.equal((await server.cli('rooms', 'delete', 'hall', '--yes')).code, 0)
  assert.equal((await server.cli('rooms', 'show', 'hall')).code, 4)
  assert.equal(await (await Counter.join(t, server, 'hall')).count(), 1)
})

test('too much of it is refused, and what was there stays', async t => {
  const server = await serve(t, { limits: { room_storage_bytes: 2000 } })
  const ann = await Counter.join(t, server, 'hall')
  assert.equal(await ann.keep(2000), 'ok')
  assert.equal(await ann.keep(2001), 'too large')
  const shown = await server.cli('rooms', 'show', 'hall')
  assert.deepEqual(JSON.parse(shown.stdout).kept, [{ name: 'counting/large', bytes: 2000 }])
})

test('it is copied to another store with the rooms', async t => {
  const server = await serve(t)
  const ann = await Counter.join(t, server, 'hall')
  await ann.count()
  await ann.count()
  await server.kill('SIGTERM')
  const manifest = join(server.folder, 'freshet.toml')
  const old = await readFile(manifest, 'utf8')
  await writeFile(manifest, old.replace('freshet.db', 'new.db'))
  await writeFile(join(server.folder, 'old.toml'), old)
  const move = () => promisify(execFile)(process.env.FRESHET_BIN, ['migrate', 'store', 'old.toml', 'freshet.toml'],
    { cwd: server.folder })
  assert.match((await move()).stdout, /values of apps: 1;/)
  assert.match((await move()).stdout, /values of apps: 0;/)
  await server.launch()
  assert.equal(await (await Counter.join(t, server, 'hall')).count(), 3)
})
