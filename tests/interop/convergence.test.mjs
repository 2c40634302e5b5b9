// Replicas that have seen the same updates have the same document, whatever happened in between.
import assert from 'node:assert/strict'
import test from 'node:test'
import { untilConverged } from './lib/client.mjs'
import { Random, seedOfThisRun } from './lib/random.mjs'
import { World } from './lib/world.mjs'

test('two clients converge on a text that both of them write', async t => {
  const world = await World.start(t)
  const ann = await world.joinSynced('notes')
  const bob = await world.joinSynced('notes')

  await ann.do('append', 'hello')
  await bob.untilText('hello')
  await bob.do('append', ' world')
  await ann.untilText('hello world')
  // Offline, so that neither has seen the other's edit whatever is fast today.
  await Promise.all([ann.do('offline'), bob.do('offline')])
  await Promise.all([ann.do('insert', 0, '> '), bob.do('remove', 5, 6)])
  await Promise.all([ann.do('online'), bob.do('online')])

  await ann.untilText('> hello')
  await untilConverged([ann, bob])
})

test('every shared type reaches the other client', async t => {
  const world = await World.start(t)
  const ann = await world.joinSynced('types')
  const bob = await world.joinSynced('types')

  await ann.do('append', 'text')
  await ann.do('push', { one: [1, null, 'two'] })
  await ann.do('set', 'key', -0.5)
  await ann.do('edit', 7, 60)

  await untilConverged([ann, bob])
  const shown = await bob.do('view')
  assert.deepEqual(shown, await ann.do('view'))
  for (const type of ['text', 'array', 'map', 'xml']) {
    assert.notEqual(Object.keys(shown[type]).length, 0, `${type} is empty: nothing was compared`)
  }
})

test('edits made offline come up on return, and what was missed comes down', async t => {
  const world = await World.start(t)
  const ann = await world.joinSynced('train')
  const bob = await world.joinSynced('train')
  await ann.do('append', 'start')
  await bob.untilText('start')

  await bob.do('offline')
  await bob.do('append', ' bob')
  await ann.do('insert', 0, 'ann ')
  assert.equal((await bob.do('view')).text, 'start bob')
  await bob.do('online')

  await ann.untilText('ann start bob')
  await untilConverged([ann, bob])
})

test('a late joiner gets everything', async t => {
  const world = await World.start(t)
  const ann = await world.joinSynced('late')
  await ann.do('edit', 11, 300)
  await ann.untilAcknowledged()

  const bob = await world.joinSynced('late')

  await untilConverged([ann, bob])
})

test('a document outlives its clients and its server', async t => {
  const world = await World.start(t)
  const ann = await world.joinSynced('kept')
  await ann.do('edit', 13, 300)
  await ann.untilAcknowledged()
  await ann.do('offline')

  assert.equal(await world.server.kill('SIGTERM'), 0)
  await world.server.launch()

  const bob = await world.joinSynced('kept')
  await untilConverged([ann, bob])
})

test('rooms are apart, and a name may hold slashes and percent escapes', async t => {
  const world = await World.start(t)
  const names = ['team/notes', 'team', 'team/notes/2', 'na\u00efve plan', '100%25']
  const pairs = await Promise.all(names.map(async name =>
    [await world.joinSynced(name), await world.joinSynced(name)]))

  await Promise.all(pairs.map(([writer], index) => writer.do('append', names[index])))

  await Promise.all(pairs.map(([, reader], index) => reader.untilText(names[index])))
})

test('fifty clients with random offline periods converge on all shared types', async t => {
  const random = new Random(seedOfThisRun(t))
  const world = await World.start(t)
  const clients = await Promise.all(Array.from({ length: 50 }, () => world.join('crowd')))
  await Promise.all(clients.map(client => client.untilSynced({ withinMs: 60_000 })))

  await Promise.all(clients.map(client => live(client, new Random(random.fork()))))
  await Promise.all(clients.map(client => client.do('online')))

  await untilConverged(clients, { withinMs: 90_000 })
  const late = await world.joinSynced('crowd')
  await untilConverged([clients[0], late])
})

// A client's working day: bursts of edits, now and then without a connection.
async function live (client, random) {
  for (let burst = 0; burst < 8; ++burst) {
    if (random.chance(0.3)) await client.do('offline')
    await client.do('edit', random.fork(), 1 + random.below(4))
    if (random.chance(0.5)) await client.do('online')
  }
}
