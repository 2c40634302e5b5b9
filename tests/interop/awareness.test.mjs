// Who is here, and who has gone.
import assert from 'node:assert/strict'
import test from 'node:test'
import { until } from './lib/wait.mjs'
import { World } from './lib/world.mjs'

const sees = (client, peer, options) => until(`${peer.name} is seen`,
  async () => (await client.do('peers'))[peer.id]?.name === peer.name, options)
const misses = (client, peer, options) => until(`${peer.name} is gone`,
  async () => !(peer.id in await client.do('peers')), options)

async function joinAs (world, room, name) {
  const client = await world.join(room, { presence: { name } })
  await client.untilSynced()
  return Object.assign(client, { name, id: (await client.do('status')).id })
}

test('clients see each other and the latest state of each', async t => {
  const world = await World.start(t)
  const ann = await joinAs(world, 'hall', 'ann')
  const bob = await joinAs(world, 'hall', 'bob')

  await Promise.all([sees(ann, bob), sees(bob, ann)])
  await ann.do('presence', { name: 'ann', cursor: { line: 3 } })

  await until('the cursor is seen',
    async () => (await bob.do('peers'))[ann.id]?.cursor?.line === 3)
})

test('a client whose socket dies is gone within a second', async t => {
  const world = await World.start(t)
  const ann = await joinAs(world, 'hall', 'ann')
  const bob = await joinAs(world, 'hall', 'bob')
  await sees(ann, bob)

  await bob.kill()

  await misses(ann, bob, { withinMs: 1000 })
})

test('a client that leaves is gone within a second, and back when it returns', async t => {
  const world = await World.start(t)
  const ann = await joinAs(world, 'hall', 'ann')
  const bob = await joinAs(world, 'hall', 'bob')
  await sees(ann, bob)

  await bob.do('offline')
  await misses(ann, bob, { withinMs: 1000 })
  await bob.do('online')

  // Not only with its next heartbeat, which is 15 s away.
  await sees(ann, bob, { withinMs: 3000 })
})

test('a client that has fallen silent is gone within its timeout, others stay, it may return', async t => {
  // More than the 15 s after which stock clients renew themselves, less than the 30 s after which
  // they forget each other without a server's help.
  const world = await World.start(t, { plugins: { 'protocol-yjs': { presence_ttl: '18 s' } } })
  const ann = await joinAs(world, 'hall', 'ann')
  const bob = await joinAs(world, 'hall', 'bob')
  const cat = await joinAs(world, 'hall', 'cat')
  await Promise.all([sees(ann, bob), sees(ann, cat)])

  // Its process stands still: the socket is open and nothing comes, not even a heartbeat.
  bob.freeze()
  await misses(ann, bob, { withinMs: 25_000 })
  await sees(ann, cat, { withinMs: 0 })
  bob.thaw()

  await sees(ann, bob, { withinMs: 30_000 })
})

test('presence is not part of another room', async t => {
  const world = await World.start(t)
  const ann = await joinAs(world, 'hall', 'ann')
  const cat = await joinAs(world, 'kitchen', 'cat')
  const bob = await joinAs(world, 'hall', 'bob')

  await sees(ann, bob)

  assert.deepEqual(Object.keys(await ann.do('peers')), [String(bob.id)])
  assert.deepEqual(await cat.do('peers'), {})
})
