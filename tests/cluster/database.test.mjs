// A database that is slow, cut off, or gone: all is slower, nothing is wrong, and /readyz says so.
//
// FRESHET_NIGHTLY=1: as slow and as long as it may be; FRESHET_GONE_S: for how long it is gone.
import assert from 'node:assert/strict'
import test from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { Random, seedOfThisRun } from '../interop/lib/random.mjs'
import { until } from '../interop/lib/wait.mjs'
import { Cluster } from './lib/cluster.mjs'
import { Crowd } from './lib/crowd.mjs'
import { nightly } from './lib/nightly.mjs'
import { needsPostgres, Postgres } from './lib/postgres.mjs'
import { Proxy } from './lib/proxy.mjs'

const slowMs = nightly ? 10_000 : 600
// Of an append: rooms are locked, rows written, and that is committed.
const kRoundTrips = 3
const cutsFor = nightly ? 60 : 3
const goneMs = Number(process.env.FRESHET_GONE_S ?? (nightly ? 60 : 2)) * 1000

// Three nodes and six people, between whom and the store there is a proxy. The bus has a way of its own unless `bus` says otherwise.
async function scene (t, { bus = 'direct' } = {}) {
  const database = await Postgres.start(t)
  const proxy = await Proxy.start(t, database.socket)
  const url = database.urlBy(proxy.port)
  const crowd = new Crowd({ count: 6, rooms: 2, random: new Random(seedOfThisRun(t)) })
  t.after(() => crowd.end())
  const cluster = await Cluster.start(t, {
    database, url, busUrl: bus === 'direct' ? database.url : url, limits: { linger_ms: 200 }
  })
  await crowd.enter(cluster.nodes)
  await crowd.untilAllAreSeen()
  const untilReady = () => Promise.all(cluster.nodes.map(node => until('ready', () => node.ready(), { withinMs: 30_000 })))
  return { cluster, crowd, proxy, untilReady }
}

const savedOf = books => books.reduce((sum, [, { clocks }]) => sum + Object.values(clocks).reduce((a, b) => a + b, 0), 0)

// Everybody writes no more: all have the same, it is saved, and what a newcomer reads is that.
async function isRight ({ crowd, cluster }, { unheardMs = 0 } = {}) {
  await crowd.rest()
  const books = await crowd.books()
  await crowd.untilSettled({ withinMs: 120_000 })
  await crowd.untilAllAreSeen()
  // A Yjs client takes whoever it has not heard of for 30 s for gone.
  if (unheardMs < 25_000) await crowd.nobodyWasTakenForGone()
  await crowd.nothingIsLost(() => cluster.nodes[0], books)
  await crowd.leave()
  await pause(500) // rooms leave memory: read from the log
  return await crowd.nothingIsLost(() => cluster.nodes[1], await crowd.books())
}

test(`commits that take ${slowMs} ms: edits are seen at once, and acknowledged when they are saved`, needsPostgres, async t => {
  const all = await scene(t)
  const { cluster, crowd, proxy } = all
  const ann = await cluster.join(0, 'hall')
  const bob = await cluster.join(1, 'hall')
  proxy.delayMs = slowMs / kRoundTrips
  await crowd.write()
  for (let round = 0; round < 2; ++round) {
    const from = Date.now()
    await ann.do('append', 'x')
    await bob.untilText('x'.repeat(round + 1))
    const seenMs = Date.now() - from
    await ann.untilAcknowledged({ withinMs: 30 * slowMs })
    const savedMs = Date.now() - from
    t.diagnostic(`seen at another node after ${seenMs} ms, acknowledged after ${savedMs} ms`)
    assert.ok(seenMs < slowMs, `seen after ${seenMs} ms`)
    assert.ok(savedMs >= slowMs / kRoundTrips, `acknowledged after ${savedMs} ms`)
  }
  assert.ok((await Promise.all(cluster.nodes.map(node => node.ready()))).every(Boolean), 'a node says that it is not ready')
  proxy.delayMs = 0
  t.diagnostic(`${await isRight(all)} acknowledged items`)
})

test(`connections that are cut each second, for ${cutsFor} s: nothing acknowledged is lost`, needsPostgres, async t => {
  const all = await scene(t, { bus: 'cut as well' })
  const { crowd, proxy, untilReady } = all
  await crowd.write()
  for (let second = 0; second < cutsFor; ++second) {
    await pause(1000)
    proxy.cut()
  }
  await untilReady()
  t.diagnostic(`${proxy.cuts} connections cut, ${await isRight(all)} acknowledged items`)
})

test(`a database that is gone for ${goneMs / 1000} s: nodes go on, acknowledge nothing, and say so`, needsPostgres, async t => {
  const all = await scene(t, { bus: 'cut as well' })
  const { cluster, crowd, proxy, untilReady } = all
  const [ann, bob] = [await cluster.join(2, 'hall'), await cluster.join(2, 'hall')]
  await crowd.write()
  await until('something is saved', async () => savedOf(await crowd.books()) > 100)
  await proxy.close()
  await until('/readyz says that the database takes nothing', async () =>
    (await Promise.all(cluster.nodes.map(node => node.ready()))).every(ready => !ready))
  const before = savedOf(await crowd.books())
  await ann.do('append', 'meanwhile')
  await bob.untilText('meanwhile')
  await pause(goneMs)
  assert.equal(await ann.do('unacknowledged'), 'meanwhile'.length)
  assert.equal(savedOf(await crowd.books()), before, 'something was acknowledged')
  await proxy.open()
  await untilReady()
  await ann.untilAcknowledged()
  t.diagnostic(`${await isRight(all, { unheardMs: goneMs })} acknowledged items`)
})
