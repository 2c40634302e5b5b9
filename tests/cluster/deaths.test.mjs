// The great run: people of both wires at three nodes edit every shared type, and now a node dies, now the database. What was
// acknowledged is in the log, once; all have the same document; people of a dead node go soon, and nobody else; the end of a room is
// told under one id.
//
// FRESHET_ROUNDS deaths (3; at night 200) with FRESHET_PEOPLE (6; 30) in a third as many rooms; FRESHET_SEED repeats their order.
import assert from 'node:assert/strict'
import test from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { Random, seedOfThisRun } from '../interop/lib/random.mjs'
import { until } from '../interop/lib/wait.mjs'
import { Cluster } from './lib/cluster.mjs'
import { Crowd } from './lib/crowd.mjs'
import { Ends } from './lib/ends.mjs'
import { nightly } from './lib/nightly.mjs'
import { needsPostgres } from './lib/postgres.mjs'
import { trace } from './lib/trace.mjs'

const rounds = Number(process.env.FRESHET_ROUNDS ?? (nightly ? 200 : 3))
const count = Number(process.env.FRESHET_PEOPLE ?? (nightly ? 30 : 6))
// A node that died is noticed after 10 s, and its people go then.
const kGoneMs = 15_000
// Who has come back is seen by all, with the next renewal of its presence at the latest, after 15 s.
const kSeenMs = 20_000

class Run {
  saved = 0
  goneMs = 0 // the longest until people of a dead node were gone
  seenMs = 0 // the longest until all who had come back were seen
  kinds = { leaving: 0, moving: 0, watching: 0 }
  deaths = { node: 0, database: 0 }
  faults = [] // of what people see of each other
  #leaseFrom = 0 // after an outage of the database everybody has a full lease anew

  constructor (parts) { Object.assign(this, parts) }

  get alive () { return this.cluster.nodes.filter(node => node !== this.dead) }
  pick = () => this.random.pick(this.alive)

  async round (number) {
    // One in eight takes some 12 s. The first few are one of each.
    const kind = ['leaving', 'moving', 'watching', 'moving'][number < 4 ? number : this.random.pick([0, 0, 0, 1, 1, 1, 1, 2])]
    const ofNode = kind === 'watching' || number === 0 || (number !== 1 && this.random.chance(0.6))
    ++this.kinds[kind]
    ++this.deaths[ofNode ? 'node' : 'database']
    const stay = await this.ends.open([this.cluster.nodes[0], this.cluster.nodes[1 + this.random.below(2)]])
    await this.crowd.write()
    // The moment itself is what is being drawn, so this is no wait for something to happen.
    await pause(50 + this.random.below(500))
    const orphans = ofNode ? await this.#killNode() : await this.#killDatabase()
    await this[kind](orphans)
    stay.leave()
    if (this.dead) await this.dead.launch()
    this.dead = null
    await this.crowd.enter(this.cluster.nodes)
    await this.crowd.untilSettled()
    await this.#presenceIsRight(number)
  }

  // One who is not seen is told at the end, with all others: documents are no worse for it.
  async #presenceIsRight (number) {
    const entered = Date.now()
    try {
      await this.crowd.untilAllAreSeen({ withinMs: kSeenMs })
      await this.crowd.untilTheGoneAreGone(went => this.#mayStillBeSeen(went), { withinMs: 5_000 })
      await this.crowd.nobodyWasTakenForGone()
    } catch (error) {
      this.faults.push(`round ${number}: ${error.message}`)
      if (this.faults.length <= 3) console.error(error.message, await trace(this.cluster, this.crowd.rooms))
    }
    this.seenMs = Math.max(this.seenMs, Date.now() - entered)
  }

  // Everybody goes; what a newcomer finds is what the log has.
  async leaving () {
    await this.crowd.rest()
    const books = await this.crowd.books()
    await this.crowd.leave()
    await this.#untilReady()
    this.saved += await this.crowd.nothingIsLost(this.pick, books)
  }

  // Who has lost its node goes to another at once, and the others notice nothing.
  async moving (orphans) {
    await this.crowd.each(orphans, person => person.moveTo(this.pick()))
    await pause(this.random.below(500))
    await this.crowd.rest()
    const books = await this.crowd.books()
    await this.#untilReady()
    await this.crowd.untilSettled()
    this.saved += await this.crowd.nothingIsLost(this.pick, books)
  }

  // Who has lost its node stays away, and is gone for the others in time.
  async watching (orphans) {
    const from = Date.now()
    await this.crowd.leave(orphans)
    await this.crowd.untilTheGoneAreGone(() => false, { withinMs: kGoneMs })
    this.goneMs = Math.max(this.goneMs, Date.now() - from)
    await this.moving([])
  }

  async #killNode () {
    const node = this.random.pick(this.cluster.nodes)
    const orphans = this.crowd.at(node)
    await node.kill('SIGKILL')
    this.dead = node
    orphans.forEach(person => person.went())
    return orphans
  }

  async #killDatabase () {
    await this.cluster.database.kill('SIGKILL')
    await pause(this.random.below(500))
    await this.cluster.database.launch()
    this.#leaseFrom = Date.now()
    return []
  }

  #untilReady () {
    return Promise.all(this.alive.map(node => until('the server is ready again', () => node.ready(), { withinMs: 30_000 })))
  }

  #mayStillBeSeen (went) { return Date.now() - Math.max(went, this.#leaseFrom) < kGoneMs }
}

test(`${count} people, and ${rounds} deaths of nodes and of the database: nothing acknowledged is lost`, needsPostgres, async t => {
  const random = new Random(seedOfThisRun(t))
  const ends = await Ends.start(t)
  const crowd = new Crowd({ count, rooms: Math.ceil(count / 3), random })
  t.after(() => crowd.end())
  const cluster = await Cluster.start(t, { plugins: ends.plugins, limits: { linger_ms: 200 } })
  const run = new Run({ random, ends, crowd, cluster })
  await crowd.enter(cluster.nodes)
  for (let round = 0; round < rounds; ++round) {
    try {
      await run.round(round)
    } catch (error) {
      error.message = `round ${round}: ${error.message}`
      console.error(await trace(cluster, []))
      throw error
    }
    if (round % 10 === 9) t.diagnostic(`round ${round + 1}: ${run.saved} acknowledged items so far`)
  }
  await ends.untilToldOnce(cluster.database)
  await crowd.leave()
  await Promise.all(cluster.nodes.map(node => node.kill('SIGTERM')))
  await Promise.all(cluster.nodes.map(node => node.launch()))
  await crowd.nothingIsLost(run.pick, await crowd.books())
  t.diagnostic(`${run.saved} acknowledged items, all of them there; ${JSON.stringify(run.kinds)} ${JSON.stringify(run.deaths)}`)
  t.diagnostic(`people of a dead node were gone after ${run.goneMs} ms at most, those who came back seen after ${run.seenMs} ms; ${ends.count} ends of rooms, each told under one id`)
  assert.deepEqual(run.faults, [])
  assert.ok(run.saved > rounds * count, 'hardly anything was acknowledged: this run proves nothing')
})
