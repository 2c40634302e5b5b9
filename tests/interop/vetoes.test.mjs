// What an app refuses, and what stock clients of each wire make of it.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import test from 'node:test'
import WebSocket from 'ws'
import * as Y from 'yjs'
import { HocuspocusWorld as World } from './lib/hocuspocus.mjs'
import { PluvPeer } from './lib/pluv-peer.mjs'
import { until } from './lib/wait.mjs'

const start = (t, options = {}) => World.start(t, {
  ...options, plugins: { 'protocol-pluv': {}, [process.env.FRESHET_VETOING]: {}, ...options.plugins }
})
const base64 = bytes => Buffer.from(bytes).toString('base64')

async function pluvPeer (t, world, name, room) {
  const peer = new PluvPeer({ url: `ws://127.0.0.1:${world.server.port}/pluv/${room}`, name, room, user: null })
  t.after(() => peer.socket.terminate())
  assert.ok(await peer.opened)
  peer.send(JSON.stringify({ type: '$initializeSession', data: { presence: { name }, update: '' } }))
  await until(`${name} is in`, () => peer.storage !== undefined)
  peer.send(JSON.stringify({ type: '$updateStorage', data: { origin: '$initialized', update: null } }))
  return peer
}
function say (peer, text) {
  const before = Y.encodeStateVector(peer.doc)
  const root = peer.doc.getText('text')
  root.insert(root.length, text)
  peer.send(JSON.stringify({ type: '$updateStorage', data: { origin: 'edit', update: base64(Y.encodeStateAsUpdate(peer.doc, before)) } }))
}

test('what is allowed reaches everybody on every wire', async t => {
  const world = await start(t)
  const ann = await world.joinSynced('den')
  const bob = await world.synced(4, 'den')
  const cid = await pluvPeer(t, world, 'cid', 'den')
  await ann.do('append', 'ann ')
  await bob.untilText('ann ')
  await bob.do('append', 'bob ')
  await until('cid has both', () => cid.doc.getText('text').toString() === 'ann bob ')
  say(cid, 'cid')
  await ann.untilText('ann bob cid')
  await bob.untilText('ann bob cid')
  await ann.untilAcknowledged()
  await bob.untilSaved()
  assert.deepEqual(cid.faults, [])
})

test('y-websocket: who says what is forbidden is sent away for good, and nobody hears of it', async t => {
  const world = await start(t)
  const ann = await world.joinSynced('den')
  const bob = await world.joinSynced('den')
  await ann.do('append', 'good ')
  await bob.untilText('good ')
  await ann.do('append', 'forbidden')
  await ann.do('append', ' and more')
  await until('ann is sent away', async () => (await ann.do('status')).finals.includes(4409))
  assert.ok(await ann.do('unacknowledged') > 0, 'it was told that what was refused is saved')
  await bob.do('append', 'day')
  const cid = await world.joinSynced('den')
  await cid.untilText('good day')
  await bob.untilText('good day')

  // Its page is loaded anew: with what the room has.
  const again = await world.joinSynced('den')
  await again.untilText('good day')
})

test('Hocuspocus: who says what is forbidden is told why, and nobody hears of it', async t => {
  const world = await start(t)
  const ann = await world.synced(4, 'den')
  const bob = await world.joinSynced('den')
  await ann.do('append', 'good')
  await bob.untilText('good')
  await ann.do('append', ' forbidden')
  await ann.until('ann is told why', ({ closes }) => closes.some(([, reason]) => reason.includes('Nobody says that here.')))
  assert.ok((await ann.status()).hasUnsynced, 'what was refused is not saved')
  const cid = await world.synced(4, 'den')
  await cid.untilText('good')
  await bob.untilText('good')
})

test('pluv: who says what is forbidden is sent away for good, and nobody hears of it', async t => {
  const world = await start(t)
  const ann = await pluvPeer(t, world, 'ann', 'den')
  const bob = await world.joinSynced('den')
  say(ann, 'good')
  await bob.untilText('good')
  say(ann, ' forbidden')
  assert.equal(await ann.closed, 3000)
  await until('ann is told', () => ann.errors.length > 0)
  const cid = await world.joinSynced('den')
  await cid.untilText('good')
})

test('a room that is closed lets nobody in, on any wire', async t => {
  const world = await start(t)
  const socket = new WebSocket(`${world.server.url}/closed-den`)
  const [code, reason] = await once(socket, 'close')
  assert.deepEqual([code, reason.toString()], [4403, 'This room is closed.'])

  const ann = await (await world.socket(4)).document('closed-den')
  await ann.until('ann is not let in', ({ synced, closes, failed }) => !synced && closes.length + failed.length > 0)

  const peer = new PluvPeer({ url: `ws://127.0.0.1:${world.server.port}/pluv/closed-den`, name: 'bob', room: 'closed-den', user: null })
  t.after(() => peer.socket.terminate())
  assert.equal(await peer.closed, 3000)
  assert.equal(peer.registered, undefined)
})

test('an app that takes its time holds up whoever it is asked about, and nobody else', async t => {
  const world = await start(t, { limits: { veto_timeout_ms: 10_000 } })
  const ann = await world.joinSynced('den')
  const bob = await world.joinSynced('den')
  const cid = await world.joinSynced('den')
  const began = Date.now()
  await ann.do('append', 'slow')
  await bob.do('append', 'fast')
  await cid.untilText('fast')
  assert.ok(Date.now() - began < 900, 'bob had to wait for the answer about ann')
  await until('both are there', async () => (await cid.do('view')).text.length === 8)
  await ann.untilAcknowledged()
})

test('an app that is too late is taken to refuse, and what it was asked about comes again', async t => {
  const world = await start(t, { limits: { veto_timeout_ms: 200 } })
  const ann = await world.joinSynced('den')
  await ann.do('append', 'slow')
  await until('ann is told to come back', async () => (await ann.do('status')).closes.includes(4503))
  assert.deepEqual((await ann.do('status')).finals, [])
})

test('an app that is too late is taken to allow, if the manifest says so', async t => {
  const world = await start(t, { limits: { veto_timeout_ms: 200 }, server: { veto_on_late: 'allow' } })
  const ann = await world.joinSynced('den')
  const bob = await world.joinSynced('den')
  await ann.do('append', 'slow')
  await bob.untilText('slow')
  await ann.untilAcknowledged()
  assert.deepEqual((await ann.do('status')).closes, [])
})
