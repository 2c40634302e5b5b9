// Versions: a client with gc: false shows the document as it was, also what has been deleted since,
// if the server keeps it.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import test from 'node:test'
import { until } from './lib/wait.mjs'
import { World } from './lib/world.mjs'

// A room that was written and rewritten, read by a client that was not there then.
async function rewrite (t, settings) {
  const world = await World.start(t, {
    plugins: { 'crdt-native': settings }, limits: { compact_updates: 8, compact_bytes: '4 KiB' }
  })
  const ann = await world.joinSynced('hall', { gc: false })
  await ann.do('append', 'the first words')
  const version = await ann.do('snapshot')
  await ann.do('remove', 4, 11)
  for (let i = 0; i < 40; ++i) {
    await ann.do('append', '.')
    await ann.untilAcknowledged()
  }
  await until('the log was compacted', () => compactions(world), { describe: () => world.server.log })
  await world.leave(ann)
  await world.server.kill()
  await world.server.launch()
  const bob = await world.joinSynced('hall', { gc: false })
  assert.equal((await bob.do('view')).text, 'the ' + '.'.repeat(40))
  return { bob, version, world }
}

async function compactions (world) {
  const [answer] = await once(
    http.get({ socketPath: join(world.server.folder, 'admin.sock'), path: '/metrics' }), 'response')
  return Number(/^freshet_compactions_total (\d+)/m.exec(await text(answer))?.[1] ?? 0) > 0
}

test('a version is shown after a restart and a compaction if deleted content is kept', async t => {
  const { bob, version, world } = await rewrite(t, { collect_garbage: false })

  assert.equal(await bob.do('textAt', version), 'the first words')

  // Restored, it is an edit like any other.
  await bob.do('remove', 0, 44)
  await bob.do('append', await bob.do('textAt', version))
  const cat = await world.joinSynced('hall', { gc: false })
  await cat.untilText('the first words')
})

test('by default what was deleted is gone', async t => {
  const { bob, version } = await rewrite(t, {})

  assert.equal(await bob.do('textAt', version).catch(() => 'nothing'), 'the ')
})
