// Who may come in, who may write, and what the stock provider makes of a refusal.
import assert from 'node:assert/strict'
import test from 'node:test'
import { untilConverged } from './lib/client.mjs'
import { nowSeconds, token } from './lib/token.mjs'
import { until } from './lib/wait.mjs'
import { World } from './lib/world.mjs'

const secret = 'a secret of more than thirty-two bytes, for tests'
const plugins = { 'auth-jwt': { secret, leeway: 0 } }

const claims = more => ({
  exp: nowSeconds() + 600, room: 'den', permission: 'read-write', user: { id: 'ann' }, ...more
})
const bearing = (more, key = secret) => ({ params: { token: token(key, claims(more)) } })

// The provider was told for good, with this code, and tried no second time.
async function assertRefused (client, code) {
  const status = await until('the provider has given up',
    async () => {
      const now = await client.do('status')
      return now.finals.length > 0 && now
    }, { describe: async () => JSON.stringify(await client.do('status')) })
  assert.deepEqual(status.finals, [code])
  assert.deepEqual(status.closes, [code])
  assert.equal(status.tries, false)
  assert.equal(status.synced, false)
}

test('a good token lets its bearer read and write', async t => {
  const world = await World.start(t, { plugins })
  const ann = await world.joinSynced('den', bearing())
  const bob = await world.joinSynced('den', bearing({ user: { id: 'bob' } }))

  await ann.do('append', 'private')

  await bob.untilText('private')
  await untilConverged([ann, bob])
  await ann.untilAcknowledged()
})

test('a client without a token is refused for good with 4401', async t => {
  const world = await World.start(t, { plugins })
  await assertRefused(await world.join('den'), 4401)
})

test('a token is taken from a subprotocol as well, and a refusal there says why', async t => {
  const world = await World.start(t, { plugins })
  const offering = more => ({ protocols: ['freshet.token.' + token(secret, claims(more))] })
  const ann = await world.joinSynced('den', offering())
  await ann.do('append', 'no trace in the URL')
  await ann.untilAcknowledged()

  await assertRefused(await world.join('den', offering({ room: 'kitchen' })), 4403)
  await assertRefused(await world.join('den', offering({ exp: nowSeconds() - 5 })), 4401)
})

test('a token is for the rooms its patterns name', async t => {
  const world = await World.start(t, { plugins })
  const bearer = bearing({ room: ['team/*', 'all/**'] })
  await world.joinSynced('team/plan', bearer)
  await world.joinSynced('all/of/them', bearer)
  await assertRefused(await world.join('team/plan/old', bearer), 4403)
})

test('a token signed with another key is refused for good with 4401', async t => {
  const world = await World.start(t, { plugins })
  await assertRefused(await world.join('den', bearing({}, 'some other secret, just as long as the right one')), 4401)
})

test('an expired token is refused for good with 4401', async t => {
  const world = await World.start(t, { plugins })
  await assertRefused(await world.join('den', bearing({ exp: nowSeconds() - 5 })), 4401)
})

test('a token for another room is refused for good with 4403', async t => {
  const world = await World.start(t, { plugins })
  await assertRefused(await world.join('den', bearing({ room: 'kitchen' })), 4403)
})

test('what a refused client wrote reaches nobody', async t => {
  const world = await World.start(t, { plugins })
  const thief = await world.join('den')
  await thief.do('append', 'let me in')
  await assertRefused(thief, 4401)

  const ann = await world.joinSynced('den', bearing())

  assert.equal((await ann.do('view')).text, '')
})

test('a read-only client sees everything, and its writes go nowhere while it stays connected', async t => {
  const world = await World.start(t, { plugins })
  const ann = await world.joinSynced('den', bearing())
  const guest = await world.joinSynced('den', bearing({ permission: 'read-only' }))
  await ann.do('append', 'look')
  await guest.untilText('look')

  await guest.do('push', 'but do not touch')
  // Its presence goes the same way after its write, so once that is seen the write had its chance.
  await guest.do('presence', { name: 'guest' })
  await until('the guest is seen', async () =>
    Object.values(await ann.do('peers')).some(({ name }) => name === 'guest'))
  await ann.do('append', '!')
  await guest.untilText('look!')

  assert.deepEqual((await ann.do('view')).array, [])
  assert.notEqual(await guest.do('unacknowledged'), 0)
  const { connected, closes } = await guest.do('status')
  assert.equal(connected, true)
  assert.deepEqual(closes, [])
})

test('a token that expires ends its session, and a new one resumes it', async t => {
  const world = await World.start(t, { plugins })
  const ann = await world.joinSynced('den', bearing({ exp: nowSeconds() + 3 }))
  await ann.do('append', 'kept')
  await ann.untilAcknowledged()

  await until('the session has ended', async () => (await ann.do('status')).finals.length > 0)
  assert.deepEqual((await ann.do('status')).finals, [4401])
  await ann.do('append', ' and continued')
  await ann.do('params', bearing().params)
  await ann.do('online')

  const bob = await world.joinSynced('den', bearing())
  await bob.untilText('kept and continued')
})
