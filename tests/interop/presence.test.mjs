// Who comes back is seen by the others and sees them, at once: with the providers that are in use,
// whose awareness keeps the clocks of those it has dropped, and with pluv clients beside them.
import assert from 'node:assert/strict'
import test from 'node:test'
import { PluvPeer } from './lib/pluv-peer.mjs'
import { until } from './lib/wait.mjs'
import { World } from './lib/world.mjs'

const kWithinMs = 1000
const kRounds = 7

const connectionId = client => `p_${client.toString(16).padStart(14, '0')}`
const median = numbers => numbers.sort((a, b) => a - b)[numbers.length >> 1]

// A pluv client that shows its name.
async function enterPluv (world) {
  const url = `ws://127.0.0.1:${world.server.port}/pluv/hall`
  const pia = new PluvPeer({ url, name: 'pia', room: 'hall', user: null })
  await until('pia is registered', () => pia.id)
  pia.send(JSON.stringify({ type: '$initializeSession', data: { presence: { name: 'pia' }, update: null } }))
  await until('pia is here', () => pia.others.has(pia.id))
  pia.send(JSON.stringify({ type: '$getOthers', data: {} }))
  await until('pia knows the others', () => pia.counts.others > 0)
  return pia
}

// Three clients, two of this version and one of the other, and one of pluv.
async function meet (t, version) {
  const world = await World.start(t, { plugins: { 'protocol-pluv': { retry_delay_ms: 0 } } })
  const people = []
  for (const [name, its] of [['ann', version], ['bob', version], ['cat', 5 - version]]) {
    const client = await world.joinSynced('hall', { presence: { name }, version: its })
    people.push(Object.assign(client, { name, id: (await client.do('status')).id }))
  }
  const pia = await enterPluv(world)
  const ids = people.map(({ id }) => id)
  await Promise.all(people.map(client => client.do('watch', ids)))
  await untilComplete(people, 0)
  return { world, people, pia, ids }
}

// Since when all see all, in ms after the last of those who came since `since` was connected.
async function untilComplete (people, since, whoCame = people) {
  const state = {}
  await until('everybody sees everybody', async () => {
    for (const client of people) state[client.name] = await client.do('seen')
    return people.every(({ name }) => state[name].complete !== null) &&
      whoCame.every(({ name }) => state[name].connected >= since)
  }, { withinMs: 25_000, everyMs: 5, describe: () => JSON.stringify(state) })
  const came = Math.max(...whoCame.map(({ name }) => state[name].connected ?? 0))
  return Math.max(0, ...people.map(({ name }) => state[name].complete - came))
}

for (const version of [2, 3]) {
  test(`presence is complete at once after a blip, y-websocket ${version}`, async t => {
    const { people, pia, ids } = await meet(t, version)
    const took = []
    for (let round = 0; round < kRounds; ++round) {
      const back = people[round % 2]
      const since = Date.now()
      await back.do(round % 3 === 2 ? 'cut' : 'offline')
      const others = people.filter(client => client !== back)
      for (const other of others) {
        await until(`${back.name} is gone`, async () => !(back.id in await other.do('peers')) ||
          (await back.do('seen')).connected >= since, { everyMs: 1 })
      }
      if (round % 3 !== 2) await back.do('online')
      took.push(await untilComplete(people, since, [back]))
      assert.ok(took.at(-1) < kWithinMs, `round ${round}: ${took.at(-1)} ms`)
      await until('pluv sees all', () => ids.every(id => pia.others.has(connectionId(id))))
    }
    const peers = await people[0].do('peers')
    assert.ok(Object.values(peers).some(({ name }) => name === 'pia'), 'and all see it')
    assert.deepEqual(pia.faults, [])
    t.diagnostic(`complete ${median(took)} ms after a reconnect, ${Math.max(...took)} ms at most`)
  })

  test(`presence is complete at once after a restart of the server, y-websocket ${version}`, async t => {
    const { world, people, ids } = await meet(t, version)
    const took = []
    for (let round = 0; round < 3; ++round) {
      const since = Date.now()
      await world.server.kill()
      await world.server.launch()
      took.push(await untilComplete(people, since))
      assert.ok(took.at(-1) < kWithinMs, `round ${round}: ${took.at(-1)} ms`)
      const pia = await enterPluv(world)
      await until('pluv sees all', () => ids.every(id => pia.others.has(connectionId(id))))
      for (const client of people) {
        await until(`${client.name} sees pluv`, async () =>
          Object.values(await client.do('peers')).some(({ name }) => name === 'pia'), { withinMs: kWithinMs })
      }
      assert.deepEqual(pia.faults, [])
    }
    t.diagnostic(`complete ${median(took)} ms after the last was back, ${Math.max(...took)} ms at most`)
  })
}

// Whoever was moved on renews itself later than it would have; its peers must not forget it for that.
test('nobody is forgotten because somebody else comes and goes', async t => {
  const world = await World.start(t)
  const people = []
  for (const name of ['ann', 'bob', 'cat']) {
    const client = await world.joinSynced('hall', { presence: { name } })
    people.push(Object.assign(client, { name, id: (await client.do('status')).id }))
  }
  const [ann, bob, cat] = people
  const end = Date.now() + 42_000
  for (let blips = 0; Date.now() < end; ++blips) {
    await until('all is quiet for a while', async () => {
      const peers = await cat.do('peers')
      assert.ok(ann.id in peers, `cat lost ann after ${blips} blips`)
      return Date.now() % 4000 > 3800
    }, { everyMs: 100 })
    await bob.do('cut')
    await until('bob is back and sees ann', async () => ann.id in await bob.do('peers'), { withinMs: 2000 })
  }
})
