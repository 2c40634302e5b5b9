// Several servers on one PostgreSQL, which hear each other by its LISTEN and NOTIFY: any of them serves any room.
import assert from 'node:assert/strict'
import test from 'node:test'
import { untilConverged } from '../interop/lib/client.mjs'
import { Counter } from '../interop/lib/counter.mjs'
import { PluvPeer } from '../interop/lib/pluv-peer.mjs'
import { PluvWriter } from '../interop/lib/pluv-writer.mjs'
import { basePlugins, Server } from '../interop/lib/server.mjs'
import { Visit } from '../interop/lib/visit.mjs'
import { until } from '../interop/lib/wait.mjs'
import { Cluster } from './lib/cluster.mjs'
import { needsPostgres as options } from './lib/postgres.mjs'


// The others, as this client sees them.
const shown = async client => Object.values(await client.do('peers')).map(state => state.name).sort()

test('who edits at one node is seen at the others, cursor and all', options, async t => {
  const cluster = await Cluster.start(t)
  const ann = await cluster.join(0, 'hall', { presence: { name: 'ann' } })
  const bob = await cluster.join(1, 'hall', { presence: { name: 'bob' } })
  const cleo = await cluster.join(2, 'hall', { presence: { name: 'cleo' } })
  await ann.do('append', 'from one')
  await Promise.all([bob, cleo].map(client => client.untilText('from one')))
  await Promise.all([ann, bob, cleo].map(client => client.do('edit', 7, 50)))
  await untilConverged([ann, bob, cleo])
  await Promise.all([ann, bob, cleo].map(client => client.untilAcknowledged()))
  await until('all see all', async () =>
    (await Promise.all([ann, bob, cleo].map(shown))).join(' ') === 'bob,cleo ann,cleo ann,bob')
  await bob.do('presence', { name: 'bob', at: 3 })
  await until('a cursor moves', async () => Object.values(await ann.do('peers')).some(state => state.at === 3))
  await cluster.leave(cleo)
  await until('one who left is gone', async () => (await shown(ann)).join() === 'bob')
})

test('people of a node that dies are gone soon, and those of the others stay', options, async t => {
  const cluster = await Cluster.start(t)
  const ann = await cluster.join(0, 'hall', { presence: { name: 'ann' } })
  const bob = await cluster.join(1, 'hall', { presence: { name: 'bob' } })
  await cluster.join(2, 'hall', { presence: { name: 'cleo' } })
  await until('all are seen', async () => (await shown(ann)).join() === 'bob,cleo')
  const died = Date.now()
  await cluster.nodes[2].kill('SIGKILL')
  await until('who was there is gone', async () => {
    const names = await shown(ann)
    assert.ok(names.includes('bob'), 'one of a living node was taken for gone')
    return !names.includes('cleo')
  }, { withinMs: 20_000 })
  t.diagnostic(`after ${Date.now() - died} ms`)
  assert.ok(Date.now() - died < 15_000)
  await cluster.nodes[2].launch()
  await until('and is back', async () => (await shown(bob)).join() === 'ann,cleo', { withinMs: 30_000 })
})

test('pluv clients at two nodes see who comes and goes, and hear each other in order', options, async t => {
  const cluster = await Cluster.start(t, { count: 2 })
  const join = async (node, name) => {
    const peer = new PluvPeer({ url: `ws://127.0.0.1:${cluster.nodes[node].port}/pluv/hall`, name, room: 'hall', user: null })
    t.after(() => peer.socket.terminate())
    assert.ok(await peer.opened)
    peer.send(JSON.stringify({ type: '$initializeSession', data: { presence: { name }, update: '' } }))
    await until(`${name} is in`, () => peer.storage !== undefined)
    return peer
  }
  const ann = await join(0, 'ann')
  const bob = await join(1, 'bob')
  await until('bob has come', () => ann.others.get(bob.id)?.presence.name === 'bob')
  for (let n = 0; n < 100; ++n) ann.send(JSON.stringify({ type: 'WAVE', data: { n } }))
  await until('all is heard', () => bob.events.length === 100, { describe: () => `${bob.events.length} are` })
  assert.deepEqual(bob.events.map(event => event.data.n), [...Array(100).keys()])
  assert.equal(bob.events[0].connectionId, ann.id)
  const cleo = await cluster.join(1, 'hall')
  await cleo.do('append', 'typed elsewhere')
  ann.send(JSON.stringify({ type: '$updateStorage', data: { origin: '$initialized', update: '' } }))
  await until('the edit is here', () => ann.doc.getText('text').toString() === 'typed elsewhere')
  bob.socket.close()
  await until('bob has gone', () => !ann.others.has(bob.id))
  assert.deepEqual([ann, bob].flatMap(peer => peer.faults), [])
})

test('an app that counts at two nodes at once, beside a room, counts all', options, async t => {
  const cluster = await Cluster.start(t, { count: 2, plugins: { [process.env.FRESHET_COUNTING]: {} } })
  const counters = await Promise.all([0, 0, 1, 1].map(node => Counter.join(t, cluster.nodes[node], 'hall')))
  const counts = await Promise.all(counters.map(async counter => {
    const mine = []
    for (let n = 0; n < 25; ++n) mine.push(await counter.count())
    return mine
  }))
  assert.deepEqual(counts.flat().sort((a, b) => a - b), [...Array(100).keys()].map(n => n + 1))
})

// Like all of y-websocket it repeats what it hears, to a node that must not take it for whom it repeats.
test('a viewer who shows nothing takes nobody with it when it goes', options, async t => {
  const cluster = await Cluster.start(t, { count: 2 })
  const ann = new PluvWriter({ name: 'ann', room: 'hall' })
  t.after(() => ann.leave())
  await ann.enter(cluster.nodes[0].port)
  for (let visit = 0; visit < 3; ++visit) {
    const viewer = await Visit.begin({ url: cluster.nodes[1].url, room: 'hall', shows: null })
    await until('the viewer sees ann', () => [...viewer.provider.awareness.getStates().values()].some(state => state.name === 'ann#1'))
    // What it repeats is not to be seen from outside: another node has heard of it when it has heard the next of this one.
    const bob = await cluster.join(1, 'hall', { presence: { name: 'bob' } })
    await until('ann sees bob', () => ann.peer.names.includes('bob'))
    viewer.end()
    await cluster.leave(bob)
    await until('ann sees bob go', () => !ann.peer.names.includes('bob'))
  }
  const cleo = await cluster.join(0, 'hall', { presence: { name: 'cleo' } })
  await until('ann is there', async () => (await shown(cleo)).join() === 'ann#1')
})

test('a server that names no bus does not start beside those that do', options, async t => {
  const cluster = await Cluster.start(t, { count: 1 })
  const { 'store-sqlite': _, ...others } = basePlugins
  const alone = await Server.start({ base: { ...others, 'store-postgres': { url: cluster.database.url } } })
    .then(server => server, error => error)
  if (alone instanceof Server) await alone.stop()
  assert.ok(alone instanceof Error, 'it serves')
  assert.match(alone.message, /another server works on this store/)
})
