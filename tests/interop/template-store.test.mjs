// A store that is not ours: that of sdk/examples, which keeps rooms in a file, in the place of store-sqlite.
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { untilConverged } from './lib/client.mjs'
import { basePlugins, manifestText } from './lib/server.mjs'
import { World } from './lib/world.mjs'

const templateStore = process.env.FRESHET_TEMPLATE_STORE

// A world whose server has the template's store, put where ours stands.
async function startWithTemplate (t) {
  const world = await World.start(t)
  const { server } = world
  await server.kill('SIGTERM')
  const plugins = Object.entries(basePlugins).map(([name, settings]) =>
    name === 'store-sqlite' ? [templateStore, { max_rooms: 1000 }] : [name, settings])
  await writeFile(join(server.folder, 'freshet.toml'),
    manifestText({ server: { listen: [`127.0.0.1:${server.port}`] }, plugins }))
  await server.launch()
  return world
}

test('two clients edit together through a server with the store of the template', async t => {
  const world = await startWithTemplate(t)
  const page = await (await fetch(`http://127.0.0.1:${world.server.port}/`)).text()
  assert.match(page, /<dt>storage<\/dt><dd><code>my-store<\/code>/)

  const ann = await world.joinSynced('hall')
  const bob = await world.joinSynced('hall')
  for (let i = 0; i < 50; ++i) {
    await ann.do('edit', i, 1)
    await bob.do('edit', 1000 + i, 1)
  }

  await untilConverged([ann, bob])
  await ann.untilAcknowledged()
  await bob.untilAcknowledged()
})

test('what the store of the template acknowledged is there for whoever comes later', async t => {
  const world = await startWithTemplate(t)
  const ann = await world.joinSynced('hall')
  await ann.do('append', 'kept by a plugin of somebody else')
  await ann.untilAcknowledged()
  await world.leave(ann)

  const bob = await world.joinSynced('hall')
  await bob.untilText('kept by a plugin of somebody else')
})

test('what the store of the template acknowledged is there after a kill', async t => {
  const world = await startWithTemplate(t)
  const ann = await world.joinSynced('hall')
  await ann.do('append', 'kept in a file')
  await ann.untilAcknowledged()
  await world.leave(ann)
  await world.server.kill('SIGKILL')
  await world.server.launch()

  const bob = await world.joinSynced('hall')
  await bob.untilText('kept in a file')
})
