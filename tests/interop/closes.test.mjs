// Clients that come back at once, whatever they are told: how often they do.
import assert from 'node:assert/strict'
import test from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { Backend, webhookSecret } from './lib/backend.mjs'
import { Knocking } from './lib/knocking.mjs'
import { nowSeconds, token } from './lib/token.mjs'
import { until } from './lib/wait.mjs'
import { World } from './lib/world.mjs'

const secret = 'a secret of more than thirty-two bytes'
const kSeconds = 10
const kMostOpens = 3

const pass = (room, seconds = 600) =>
  token(secret, { room, permission: 'read-write', user: { id: 'ann' }, exp: nowSeconds() + seconds })

test('a provider of 2.x that is refused is here three times in ten seconds at most', async t => {
  const backend = await Backend.start()
  t.after(() => backend.down())
  backend.longStates.set('unborn', 200_000)
  const world = await World.start(t, {
    plugins: {
      'auth-jwt': { secret },
      'protocol-yjs': { retry_delay_ms: '5 s' },
      'platform-ws': { message_bytes: '128 KiB' },
      'app-webhook': { url: backend.url, secret: webhookSecret, events: ['initial-storage'], initial_bytes: '64 KiB' }
    },
    limits: { sessions_per_room: 1, room_name_bytes: 40, messages_per_second: 10, update_bytes: '64 KiB' }
  })
  await world.joinSynced('full', { params: { token: pass('full') } })
  const knock = options => {
    const knocking = new Knocking({ url: world.server.url, ...options })
    t.after(() => knocking.end())
    return knocking
  }
  const insider = (room, more = {}) => knock({ room, params: { token: pass(room) }, ...more })
  const withText = (knocking, bytes) => { knocking.doc.getText('text').insert(0, 'x'.repeat(bytes)); return knocking }
  const refused = {
    'no token': [4401, knock({ room: 'a' })],
    'an old token': [4401, knock({ room: 'b', params: { token: pass('b', -600) } })],
    'a token for elsewhere': [4403, knock({ room: 'c', params: { token: pass('elsewhere') } })],
    'a name that is none': [4404, insider('n'.repeat(41))],
    'bytes that are no message': [4400, insider('d', { say: socket => socket.send(new Uint8Array([99])) })],
    'an update over the limit': [4413, withText(insider('e'), 70_000)],
    'a message over the limit': [4413, withText(insider('f'), 200_000)],
    'a room that is full': [4503, insider('full')],
    'a room that cannot be loaded': [4508, insider('unborn')],
    'too many messages': [4529, insider('g', { say: socket => { for (let i = 0; i < 200; ++i) socket.send(new Uint8Array([3])) } })]
  }
  await pause(kSeconds * 1000)
  const opens = Object.fromEntries(Object.entries(refused).map(([why, [, knocking]]) => [why, knocking.opens]))
  t.diagnostic(JSON.stringify(opens))
  for (const [why, [code, knocking]] of Object.entries(refused)) {
    assert.ok(knocking.opens >= 1 && knocking.opens <= kMostOpens, `${why}: ${knocking.opens} handshakes`)
    assert.deepEqual([...knocking.codes.keys()], [code], why)
  }
})

test('one that is let in does not wait for that', async t => {
  const world = await World.start(t, { plugins: { 'protocol-yjs': { retry_delay_ms: '5 s' } } })
  const since = Date.now()
  const knocking = new Knocking({ url: world.server.url, room: 'hall' })
  t.after(() => knocking.end())
  await until('it is synced', () => knocking.provider.synced, { withinMs: 3000 })
  await world.joinSynced('hall')
  assert.ok(Date.now() - since < 4000)
  assert.equal(knocking.opens, 1)
})
