// pgbouncer in transaction mode between nodes and database: the store goes through it, who listens goes beside it.
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import test from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from '../ports/free-port.mjs'
import { Server } from '../interop/lib/server.mjs'
import { Random, seedOfThisRun } from '../interop/lib/random.mjs'
import { Cluster, nodePlugins } from './lib/cluster.mjs'
import { Crowd } from './lib/crowd.mjs'
import { Daemon, needs } from './lib/daemon.mjs'
import { needsPostgres, Postgres } from './lib/postgres.mjs'

const kPgbouncer = '/usr/sbin/pgbouncer'
const options = needs(kPgbouncer, needsPostgres)

async function scene (t) {
  const database = await Postgres.start(t)
  const port = await freePort()
  await Daemon.start(t, kPgbouncer, {
    files: () => ({
      'pgbouncer.ini': `[databases]
postgres = host=${database.folder} user=freshet
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 20
`
    }),
    args: () => ['pgbouncer.ini'],
    ready: () => new Promise(resolve => {
      const socket = connect(port, '127.0.0.1', () => { socket.destroy(); resolve(true) })
      socket.on('error', () => resolve(false))
    })
  })
  return { database, url: database.urlBy(port) }
}

test('nodes behind a pooler lose nothing when one dies', options, async t => {
  const { database, url } = await scene(t)
  const crowd = new Crowd({ count: 6, rooms: 2, random: new Random(seedOfThisRun(t)) })
  t.after(() => crowd.end())
  const cluster = await Cluster.start(t, {
    database, url, count: 2, store: { pooled: true }, bus: { listen_url: database.url }, limits: { linger_ms: 200 }
  })
  await crowd.enter(cluster.nodes)
  await crowd.untilAllAreSeen()
  await crowd.write()
  await pause(1000)
  const [first, second] = cluster.nodes
  const orphans = crowd.at(first)
  await first.kill('SIGKILL')
  orphans.forEach(person => person.went())
  await crowd.each(orphans, person => person.moveTo(second))
  await crowd.rest()
  const books = await crowd.books()
  await crowd.untilSettled()
  const saved = await crowd.nothingIsLost(() => second, books)
  t.diagnostic(`${saved} acknowledged items`)
  assert.ok(saved > 100)
})

test('a bus that would listen through the pooler does not start, and says what to do', options, async t => {
  const { url } = await scene(t)
  const from = Date.now()
  const started = await Server.start({ base: nodePlugins({ url, store: { pooled: true } }) }).then(server => server, error => error)
  if (started instanceof Server) await started.stop()
  assert.ok(started instanceof Error, 'it serves, and hears nobody')
  assert.match(started.message, /listen_url/)
  t.diagnostic(`refused after ${Date.now() - from} ms: ${started.message.match(/bus-postgres[^|]*/)?.[0]}`)
  assert.ok(Date.now() - from < 8000)
})
