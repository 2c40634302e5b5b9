// The echo of an edit to its sender: it is on disk.
import assert from 'node:assert/strict'
import test from 'node:test'
import { World } from './lib/world.mjs'

test('every edit comes back to its sender', async t => {
  const world = await World.start(t)
  const ann = await world.joinSynced('echo')
  await ann.do('append', 'x')
  assert.equal(typeof (await ann.do('unacknowledged')), 'number')

  await ann.untilAcknowledged()
  for (let i = 0; i < 200; ++i) await ann.do('edit', i, 1)

  await ann.untilAcknowledged()
})

test('edits made offline are acknowledged once they have come up', async t => {
  const world = await World.start(t)
  const ann = await world.joinSynced('echo')
  await ann.do('offline')
  await ann.do('append', 'written in a tunnel')
  assert.equal(await ann.do('unacknowledged'), 'written in a tunnel'.length)

  await ann.do('online')

  await ann.untilAcknowledged()
})
