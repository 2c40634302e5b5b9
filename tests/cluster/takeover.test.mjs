// One server at a time on PostgreSQL, and another that takes over: what was acknowledged is there, whoever dies.
//
// FRESHET_KILLS says how many deaths (2; at night 20); FRESHET_SEED repeats them.
import assert from 'node:assert/strict'
import test from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { endedLogs, nothingAcknowledgedIsLost } from '../interop/lib/after-kill.mjs'
import { Client, untilConverged } from '../interop/lib/client.mjs'
import { Random, seedOfThisRun } from '../interop/lib/random.mjs'
import { basePlugins, Server } from '../interop/lib/server.mjs'
import { until } from '../interop/lib/wait.mjs'
import { World } from '../interop/lib/world.mjs'
import { nightly } from './lib/nightly.mjs'
import { needsPostgres as options, Postgres } from './lib/postgres.mjs'

const kills = Number(process.env.FRESHET_KILLS ?? (nightly ? 20 : 2))
const rooms = ['left', 'right']

function onPostgres (database) {
  const { 'store-sqlite': _, ...others } = basePlugins
  return { base: { ...others, 'store-postgres': { url: database.url } } }
}

test('a second server on the same database does not start, and says who has it', options, async t => {
  const database = await Postgres.start(t)
  const world = await World.start(t, onPostgres(database))
  const second = await Server.start(onPostgres(database)).then(server => server, error => error)
  if (second instanceof Server) await second.stop()
  assert.ok(second instanceof Error, 'it serves')
  assert.match(second.message, /another server works on this store \(process \d+ on /)
  assert.match(second.message, new RegExp(`127.0.0.1:${world.server.port}`))
})

test('a server that stops in order is followed at once', options, async t => {
  const database = await Postgres.start(t)
  const world = await World.start(t, onPostgres(database))
  const ann = await world.joinSynced('hall')
  await ann.do('append', 'kept in a database')
  await ann.untilAcknowledged()
  await world.server.kill('SIGTERM')
  const began = Date.now()
  await world.server.launch()
  assert.ok(Date.now() - began < 5_000, 'it waited for the claim of the one before it')
  const bob = await world.joinSynced('hall')
  await bob.untilText('kept in a database')
})

// As when a machine is suspended: the claim of the first has ended, and it does not know.
test('two that work on one database all the same stay together', options, async t => {
  const database = await Postgres.start(t)
  const world = await World.start(t, onPostgres(database))
  const ann = await world.joinSynced('hall')
  await ann.do('append', 'a')
  await ann.untilAcknowledged()
  world.server.process.kill('SIGSTOP')
  const second = await Server.start(onPostgres(database))
  t.after(() => second.stop())
  const bob = await Client.joinSynced({ url: second.url, room: 'hall' })
  t.after(() => bob.kill())
  await bob.do('append', 'b')
  await bob.untilAcknowledged()
  world.server.process.kill('SIGCONT')
  for (let i = 0; i < 20; ++i) {
    await ann.do('append', 'c')
    await bob.do('append', 'd')
  }
  await untilConverged([ann, bob])
  await Promise.all([ann, bob].map(client => client.untilAcknowledged()))
  assert.equal((await ann.do('view')).text.length, 42)
  await until('the first says that there are two', () => world.server.log.includes('another server works on this store'))
})

test(`nothing acknowledged is lost when server and database die ${kills} times under load`, options, async t => {
  const random = new Random(seedOfThisRun(t))
  const database = await Postgres.start(t)
  const world = await World.start(t, onPostgres(database))
  const writers = await Promise.all(rooms.flatMap(room => [0, 1].map(async number =>
    Object.assign(await world.joinSynced(room), { room, number }))))
  let counted = 0
  for (let round = 0; round < kills; ++round) {
    await Promise.all(writers.map(writer =>
      writer.do('startLog', `${round}.${writer.number}`, 1 + random.below(5))))
    // The moment itself is what is being drawn, so this is no wait for something to happen.
    await pause(30 + random.below(400))
    if (round % 2 === 0) {
      await world.server.kill('SIGKILL')
    } else {
      await database.kill('SIGKILL')
      await pause(random.below(300))
      await database.launch()
      await until('the server is ready again', () => world.server.ready())
      await pause(random.below(300))
    }
    const logs = await endedLogs(writers, round)
    if (round % 2 === 0) await world.server.launch()
    counted += await nothingAcknowledgedIsLost(world, writers, logs, round)
  }
  t.diagnostic(`${counted} acknowledged edits, all of them there`)
  assert.ok(counted > kills, 'hardly anything was acknowledged: this run proves nothing')
})
