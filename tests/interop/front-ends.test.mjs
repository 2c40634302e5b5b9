// What a page can know of its edits, by the snippets of docs/front-ends.md, with both providers.
import assert from 'node:assert/strict'
import test from 'node:test'
import { until } from './lib/wait.mjs'
import { nowSeconds, token } from './lib/token.mjs'
import { World } from './lib/world.mjs'

const secret = 'a secret of more than thirty-two bytes, for tests'
const bearing = permission => ({
  params: { token: token(secret, { exp: nowSeconds() + 600, room: 'den', permission, user: { id: 'ann' } }) }
})

for (const version of [2, 3]) {
  test(`whoever may only read is told so once, y-websocket ${version}`, async t => {
    const world = await World.start(t, { plugins: { 'auth-jwt': { secret } } })
    const ann = await world.joinSynced('den', { ...bearing('read-write'), version })
    await ann.do('append', 'one')
    await until('it is told that all is saved', async () => (await ann.do('status')).saved === true)
    const guest = await world.joinSynced('den', { ...bearing('read-only'), version })
    await guest.untilText('one')
    assert.deepEqual((await guest.do('status')).refusals, [])

    for (let i = 0; i < 5; ++i) await guest.do('append', 'x')
    await until('it is told', async () => (await guest.do('status')).refusals.length > 0)
    await ann.do('append', ' two')
    await until('it has heard all', async () => (await guest.do('view')).text.includes(' two'))

    const { refusals, closes } = await guest.do('status')
    assert.deepEqual(refusals, ['You may only read in this room.'])
    assert.deepEqual(closes, [])
    assert.equal((await ann.do('view')).text, 'one two')
  })
}
