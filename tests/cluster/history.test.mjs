// The database is put back to an earlier time, by its own backup: what came after is gone for good, also where a node was forgotten that
// still has it, and where clients say which history they know.
import assert from 'node:assert/strict'
import test from 'node:test'
import { until } from '../interop/lib/wait.mjs'
import { Visit } from '../interop/lib/visit.mjs'
import { Cluster } from './lib/cluster.mjs'
import { needsPostgres } from './lib/postgres.mjs'

const textAt = async (node, room) => {
  const visit = await Visit.begin({ url: node.url, room })
  const text = visit.doc.getText('text').toString()
  visit.end()
  return text
}

test('after a restore every room is as it was then, whoever was forgotten', needsPostgres, async t => {
  const cluster = await Cluster.start(t, { limits: { linger_ms: 200 } })
  const [first, second, forgotten] = cluster.nodes
  const { database } = cluster
  const ann = await cluster.join(0, 'hall')
  await ann.do('append', 'before ')
  await ann.untilAcknowledged()

  const running = await first.cli('cluster', 'new-history', '--yes')
  assert.equal(running.code, 5)
  assert.match(running.stderr, /another server works on this store \(process \d+ on .*\): stop all servers first/)

  await database.backUp()
  await until('the node is ready again', () => first.ready(), { withinMs: 30_000 })
  await ann.do('append', 'after ')
  await ann.untilAcknowledged()
  const bob = await cluster.join(2, 'late')
  await bob.do('append', 'only after')
  await bob.untilAcknowledged()

  // Everybody goes but one node, which hears nothing of it: its machine is suspended.
  forgotten.process.kill('SIGSTOP')
  await cluster.leave(ann)
  await Promise.all([first, second].map(node => node.kill('SIGTERM')))
  await database.putBack()
  const begun = await first.cli('cluster', 'new-history', '--yes')
  assert.equal(begun.code, 0, begun.stderr)
  assert.match(begun.stdout, /rooms with a new epoch: 1\n/)
  await Promise.all([first, second].map(node => node.launch()))
  assert.equal(await textAt(first, 'hall'), 'before ')

  forgotten.process.kill('SIGCONT')
  await until('the forgotten node says why it is not ready', async () =>
    !await forgotten.ready() && forgotten.log.includes('was given a new history while this server ran'), { withinMs: 30_000 })
  await bob.do('append', ', and more')
  assert.equal(await textAt(second, 'hall'), 'before ')
  assert.equal(await textAt(second, 'late'), '')
  assert.notEqual(await bob.do('unacknowledged'), 0)

  await forgotten.kill('SIGKILL')
  await forgotten.launch()
  assert.equal(await textAt(forgotten, 'hall'), 'before ')
})
