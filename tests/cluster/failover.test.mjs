// The primary dies and its synchronous standby is promoted, under load: nodes go over by themselves, and nothing acknowledged is lost.
//
// FRESHET_FAILOVERS (3); each time the one that died is made the standby of the other.
import assert from 'node:assert/strict'
import test from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { Random, seedOfThisRun } from '../interop/lib/random.mjs'
import { until } from '../interop/lib/wait.mjs'
import { Cluster } from './lib/cluster.mjs'
import { Crowd } from './lib/crowd.mjs'
import { atNight } from './lib/nightly.mjs'
import { needsPostgres, Postgres } from './lib/postgres.mjs'

const failovers = Number(process.env.FRESHET_FAILOVERS ?? 3)

test(`a synchronous standby is promoted ${failovers} times under load`, atNight(needsPostgres), async t => {
  const random = new Random(seedOfThisRun(t))
  let primary = await Postgres.start(t)
  let standby = await Postgres.startBeside(t, primary)
  const crowd = new Crowd({ count: 9, rooms: 3, random })
  t.after(() => crowd.end())
  const url = `postgresql://freshet@/postgres?host=${[primary, standby].map(({ folder }) => encodeURIComponent(folder)).join()}`
  const cluster = await Cluster.start(t, { database: primary, url, limits: { linger_ms: 200 } })
  await crowd.enter(cluster.nodes)
  let saved = 0
  for (let round = 0; round < failovers; ++round) {
    await crowd.write()
    await pause(500 + random.below(1500))
    await primary.kill('SIGKILL')
    await pause(random.below(1000))
    const from = Date.now()
    await standby.promote()
    ;[primary, standby] = [standby, primary]
    await Promise.all(cluster.nodes.map(node => until('the node has gone over', () => node.ready(), { withinMs: 30_000 })))
    t.diagnostic(`promoted and gone over to after ${Date.now() - from} ms`)
    await crowd.rest()
    const books = await crowd.books()
    await crowd.leave()
    saved += await crowd.nothingIsLost(() => random.pick(cluster.nodes), books)
    await standby.follow(primary)
    await crowd.enter(cluster.nodes)
    await crowd.untilSettled()
    await crowd.nobodyWasTakenForGone()
  }
  t.diagnostic(`${saved} acknowledged items, all of them there`)
  assert.ok(saved > 100 * failovers, 'hardly anything was acknowledged: this run proves nothing')
})
