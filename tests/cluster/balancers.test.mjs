// nginx and HAProxy in front of three nodes, as docs/cluster.md sets them up: who loses its node comes back to another.
import assert from 'node:assert/strict'
import test from 'node:test'
import { Client, untilConverged } from '../interop/lib/client.mjs'
import { Random, seedOfThisRun } from '../interop/lib/random.mjs'
import { until } from '../interop/lib/wait.mjs'
import { certificate, haproxy, kHaproxy, kNginx, nginx } from './lib/balancers.mjs'
import { Cluster } from './lib/cluster.mjs'
import { needs } from './lib/daemon.mjs'
import { needsPostgres } from './lib/postgres.mjs'

const kPeople = 6

// Where those are who came by way of a balancer.
async function placesOf (cluster, room) {
  const shown = await Promise.all(cluster.nodes.map(node => node.cli('rooms', 'show', room)))
  return shown.map(({ stdout }) => JSON.parse(stdout).loaded?.sessions ?? 0)
}

async function scene (t, front) {
  const cluster = await Cluster.start(t)
  const tls = await certificate(t)
  process.env.NODE_EXTRA_CA_CERTS = tls.crt // of the clients' processes
  const url = await front(cluster.nodes, tls)
  const people = await Promise.all(Array.from({ length: kPeople }, () => Client.joinSynced({ url, room: 'hall' })))
  cluster.clients.push(...people)
  await people[0].do('append', 'there is such a room')
  await people[0].untilAcknowledged()
  return { cluster, people }
}

// A node that has clients dies, one stops in order: they are back by themselves, with all that they wrote.
async function survivesLosses ({ cluster, people }, random) {
  for (const signal of ['SIGKILL', 'SIGTERM']) {
    const places = await placesOf(cluster, 'hall')
    const busiest = cluster.nodes[places.indexOf(Math.max(...places))]
    await Promise.all(people.map(person => person.do('edit', random.fork(), 20)))
    await busiest.kill(signal)
    await Promise.all(people.map(person => person.do('edit', random.fork(), 20)))
    await untilConverged(people, { withinMs: 30_000 })
    await Promise.all(people.map(person => person.untilAcknowledged()))
    await busiest.launch()
  }
}

test('nginx that places by path: all of a room are at one node, until it dies', needs(kNginx, needsPostgres), async t => {
  const all = await scene(t, (nodes, tls) => nginx(t, nodes, tls))
  assert.deepEqual((await placesOf(all.cluster, 'hall')).sort(), [0, 0, kPeople])
  await survivesLosses(all, new Random(seedOfThisRun(t)))
})

test('nginx that places at random: people of a room are at several nodes, and have one document', needs(kNginx, needsPostgres), async t => {
  const all = await scene(t, (nodes, tls) => nginx(t, nodes, tls, 'random'))
  await survivesLosses(all, new Random(seedOfThisRun(t)))
  assert.equal((await placesOf(all.cluster, 'hall')).reduce((a, b) => a + b), kPeople)
})

test('HAProxy that places by path, and asks nodes whether they are ready', needs(kHaproxy, needsPostgres), async t => {
  const all = await scene(t, (nodes, tls) => haproxy(t, nodes, tls))
  assert.deepEqual((await placesOf(all.cluster, 'hall')).sort(), [0, 0, kPeople])
  await survivesLosses(all, new Random(seedOfThisRun(t)))
  await until('all are in', async () => (await placesOf(all.cluster, 'hall')).reduce((a, b) => a + b) === kPeople)
})
