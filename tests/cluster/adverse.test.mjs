// What a cluster may meet: a database that is full, clocks that are an hour apart.
import assert from 'node:assert/strict'
import test from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { Random, seedOfThisRun } from '../interop/lib/random.mjs'
import { until } from '../interop/lib/wait.mjs'
import { Cluster } from './lib/cluster.mjs'
import { Crowd } from './lib/crowd.mjs'
import { needs } from './lib/daemon.mjs'
import { canMount, needsPostgres, Postgres } from './lib/postgres.mjs'

const kFaketime = '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1'

test('a database whose disk is full: nodes go on, acknowledge nothing, and save all when there is room', needsPostgres.skip ? needsPostgres : canMount, async t => {
  const database = await Postgres.start(t, {}, { small: 64 << 20 })
  await database.query(`CREATE TABLESPACE small LOCATION '${database.small}'`)
  await database.query('CREATE DATABASE small TABLESPACE small')
  const cluster = await Cluster.start(t, { count: 2, database, url: database.urlOf('small') })
  const ann = await cluster.join(0, 'hall')
  const bob = await cluster.join(1, 'hall')
  await ann.do('append', 'before')
  await ann.untilAcknowledged()
  await database.query('CREATE TABLE filler(bytes text)', 'small')
  await database.query('ALTER TABLE filler ALTER bytes SET STORAGE EXTERNAL', 'small')
  const fill = size => until('the disk is full', () =>
    database.query(`INSERT INTO filler SELECT repeat('x', ${size}) FROM generate_series(1, 16)`, 'small')
      .then(() => false, error => { assert.match(String(error), /No space left/); return true }), { everyMs: 1 })
  for (const size of [1_000_000, 30_000, 1_000]) await fill(size)
  let text = 'before'
  await until('the store fails', async () => {
    const more = ' and more'.repeat(200)
    text += more
    await ann.do('append', more)
    return !await cluster.nodes[0].ready()
  }, { describe: () => cluster.nodes[0].log })
  await until('bob has it all the same', async () => (await bob.do('view')).text === text)
  assert.notEqual(await ann.do('unacknowledged'), 0, 'something was acknowledged that has no place')
  assert.match(cluster.nodes[0].log, /No space left/)
  await database.query('DROP TABLE filler', 'small')
  await ann.untilAcknowledged({ withinMs: 30_000 })
  await until('the nodes are ready', async () => (await Promise.all(cluster.nodes.map(node => node.ready()))).every(Boolean))
  const cleo = await cluster.join(1, 'hall')
  assert.ok((await cleo.do('view')).text === text, 'a newcomer misses something')
})

test('nodes whose clocks are two hours apart: nobody is taken for dead who lives, and who dies is', needs(kFaketime, needsPostgres), async t => {
  const crowd = new Crowd({ count: 6, rooms: 2, random: new Random(seedOfThisRun(t)) })
  t.after(() => crowd.end())
  const off = by => ({ LD_PRELOAD: kFaketime, FAKETIME: by, FAKETIME_DONT_FAKE_MONOTONIC: '1' })
  const cluster = await Cluster.start(t, { envs: [off('+3600s'), off('-3600s'), {}], limits: { linger_ms: 200 } })
  await crowd.enter(cluster.nodes)
  await crowd.untilAllAreSeen()
  await crowd.write()
  await pause(1000)
  const orphans = crowd.at(cluster.nodes[0])
  await cluster.nodes[0].kill('SIGKILL')
  orphans.forEach(person => person.went())
  await crowd.leave(orphans)
  await crowd.untilTheGoneAreGone(() => false, { withinMs: 15_000 })
  await crowd.enter(cluster.nodes.slice(1))
  await crowd.rest()
  const books = await crowd.books()
  await crowd.untilSettled()
  await crowd.untilAllAreSeen()
  await crowd.nobodyWasTakenForGone()
  t.diagnostic(`${await crowd.nothingIsLost(() => cluster.nodes[1], books)} acknowledged items`)
})
