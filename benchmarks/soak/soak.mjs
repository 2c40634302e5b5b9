// One soak from the start of the server to the verdict.
import fs from 'node:fs'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Random } from '../../tests/interop/lib/random.mjs'
import { until } from '../../tests/interop/lib/wait.mjs'
import { Crowd } from './crowd.mjs'
import { Ledger } from './ledger.mjs'
import { faultsOf } from './plan.mjs'
import { missingOf, Regulars } from './regulars.mjs'
import { Samples } from './samples.mjs'
import { notDefault, Scene } from './scene.mjs'
import { Strangers } from './strangers.mjs'
import { table } from './table.mjs'
import { beyondBounds, grown, idle, illTreated, leftIn, leftOver, unprovoked } from './verdict.mjs'

const kProgressMs = 10_000
// From when the last has been told to leave: closes that are held back, linger, and what waits for a
// backend that was silent, at most for retry_max_ms and a half.
const kRestMs = 120_000
// A rest is looked at when nothing has been left for so long.
const kQuietMs = 1000
const kLastWordsMs = 3000
// Beside what was planned: a machine with other things to do.
const kLateFactor = 2
const kLateMs = 180_000

export class Soak {
  #faults = [] // what is wrong, in sentences
  #stopped = [] // what was made to hang: { kind, fromMs, toMs, fromS, toS }
  #rounds = []
  #ledger = new Ledger()
  #crowds = []
  #regulars = null
  #strangers = null
  #killed = false // by us
  #giveUp

  // options: { load, inside, hangingApp, out, plan, seed }
  constructor (options) {
    Object.assign(this, options)
    this.random = new Random(this.seed)
    this.aborted = new Promise((_, reject) => { this.#giveUp = reject })
    this.aborted.catch(() => {})
  }

  abort (why) { this.#giveUp(new Error(why)) }

  // The exit code.
  async run () {
    const { rounds, loadS } = this.plan
    const longestMs = kLateFactor * rounds * (1000 * loadS + kRestMs) + kLateMs
    const tooLong = setTimeout(() => this.abort('it does not come to an end'), longestMs)
    try {
      await Promise.race([this.#all(), this.aborted])
    } catch (error) {
      this.#faults.push(`it was ended after ${this.samples?.seconds ?? 0} s: ${error.message}`)
    } finally {
      clearTimeout(tooLong)
      await this.#end()
    }
    return this.#judge()
  }

  async #all () {
    this.starting = Scene.start(this)
    this.scene = await this.starting
    const { server } = this.scene
    this.#watch(server)
    this.samples = new Samples(this.scene, path.join(this.out, 'samples.jsonl'))
    this.samples.start()
    this.progress = setInterval(() => this.#say(), kProgressMs)
    for (let number = 1; number <= this.plan.rounds; number++) await this.#round(number)
    await this.#lastWords()
  }

  #watch (server) {
    server.ended.then(([code, signal]) => {
      if (!this.#killed) this.abort(`the server ended: ${signal ?? code}`)
    })
  }

  async #round (number) {
    const { samples, plan } = this
    samples.phase = `round ${number}`
    const begin = samples.all.length
    const regulars = this.#regulars = new Regulars(this.scene.server, this.#ledger, number, this.random)
    const known = this.#ledger.size
    await regulars.start()
    this.#strangers = new Strangers(this.scene.server.port, number, this.random)
    this.#crowds = plan.crowds.map(crowd => this.#crowd(crowd))
    await Promise.all(this.#crowds.map(crowd => crowd.isIn))
    regulars.disturb()
    this.#strangers.start(plan.strangersPerSecond)
    await this.#makeFaults()
    this.#strangers.stop()
    const reports = await Promise.all(this.#crowds.map(crowd => crowd.finish()))
    this.#faults.push(...await regulars.finish())
    const rest = await this.#rest(number)
    this.#rounds.push({
      number, rest, reports: reports.map(report => ({ ...report, round: number })), samples: samples.all.slice(begin),
      acknowledged: this.#ledger.size - known
    })
  }

  #crowd ({ name, options }) {
    const { server } = this.scene
    const target = { at: `127.0.0.1:${server.port}`, 'server-pid': server.process.pid, seed: this.random.below(2 ** 31) }
    return new Crowd(this.load, name, { ...options, ...target }, path.join(this.out, `${name.replace(' ', '-')}.json`))
  }

  // As long as the load is measured.
  async #makeFaults () {
    const begin = Date.now()
    const untilS = async s => await pause(Math.max(0, begin + 1000 * s - Date.now()))
    await Promise.all(faultsOf(this.plan.loadS, this.random).map(async ({ kind, atS, lengthS }) => {
      await untilS(atS)
      const stopped = { kind, fromMs: Date.now(), toMs: Infinity, fromS: this.samples.seconds, toS: Infinity }
      this.#stopped.push(stopped)
      this.#note(`the ${kind} hangs for ${lengthS} s`)
      this.scene.begin(kind)
      await untilS(atS + lengthS)
      this.scene.cease(kind)
      Object.assign(stopped, { toMs: Date.now(), toS: this.samples.seconds })
      this.#note(`the ${kind} goes on`)
    }))
    await untilS(this.plan.loadS)
  }

  // Until nothing is left, or not within the time; a sample of what is there then.
  async #rest (number) {
    const { samples, plan } = this
    samples.phase = `rest ${number}`
    const begin = Date.now()
    const deadline = begin + kRestMs
    while (Date.now() < deadline && !(samples.last?.phase === samples.phase && leftIn(samples.last).length === 0)) await pause(200)
    const stay = number === plan.rounds ? 1000 * plan.lastRestS : kQuietMs
    if (this.#strangers.halfClosed > 0) {
      this.#faults.push(`${this.#strangers.halfClosed} sockets that were half closed are still open in ${samples.phase}`)
    }
    this.#strangers.end()
    await pause(stay)
    const rest = await samples.take()
    const left = leftOver(rest)
    this.#faults.push(...left)
    this.#note(left.length === 0 ? `everybody has gone, ${Math.round((Date.now() - begin - stay) / 1000)} s after the load` : left.join('; '))
    if (!await this.scene.server.ready()) this.#faults.push(`/readyz is not 200 in ${samples.phase}`)
    return rest
  }

  // People write when the server is killed; what was acknowledged, then or in any round, is there
  // when it is back.
  async #lastWords () {
    const { server } = this.scene
    this.samples.phase = 'kill'
    const regulars = this.#regulars = new Regulars(server, this.#ledger, this.plan.rounds + 1, this.random)
    await regulars.start()
    await pause(kLastWordsMs + this.random.below(500))
    this.#killed = true
    await this.samples.stop()
    await server.kill('SIGKILL')
    await regulars.bereaved()
    await server.launch()
    const missing = await missingOf(server, this.#ledger)
    this.#note(`${this.#ledger.size} edits in ${this.#ledger.rooms.length} rooms were acknowledged, ${missing.length} of them are missing after kill -9`)
    if (missing.length > 0) this.#faults.push(`${missing.length} acknowledged edits are missing after kill -9: ${missing.slice(0, 5).join(', ')}`)
    if (this.#ledger.size === 0) this.#faults.push('no edit was acknowledged at all')
  }

  async #end () {
    clearInterval(this.progress)
    await this.samples?.stop()
    this.#strangers?.end()
    for (const crowd of this.#crowds) crowd.end()
    await this.#regulars?.end()
    // A signal may come before the server is ready.
    const scene = await this.starting?.catch(() => null)
    await scene?.end()
  }

  #judge () {
    const { scene, samples, out } = this
    const rests = this.#rounds.map(({ rest }) => rest)
    const reports = this.#rounds.flatMap(round => round.reports)
    const faults = [...this.#faults, ...illTreated(reports)]
    if (rests.length > 0) faults.push(...grown(rests), ...idle(this.#stopped, samples.all))
    if (samples?.all.length > 0) faults.push(...beyondBounds(samples.all))
    if (scene) faults.push(...unprovoked(scene.lines, this.#stopped), ...scene.backend.faults.map(fault => `the backend got ${fault}`))
    const text = `${table(this.#rounds)}\n\nSEED=${this.seed}. Not the server's default: ${notDefault.join('; ')}.\n`
    fs.writeFileSync(path.join(out, 'table.md'), text)
    console.log(`\n${text}`)
    for (const fault of faults) console.log(`WRONG: ${fault}`)
    console.log(`${faults.length === 0 ? 'nothing is wrong' : `${faults.length} things are wrong`}; ${path.join(out, 'samples.jsonl')}, server.log`)
    return faults.length === 0 ? 0 : 1
  }

  #note (words) { console.log(`${String(this.samples.seconds).padStart(5)} s  ${words}`) }

  #say () {
    const sample = this.samples.last
    if (!sample) return
    const { sockets = '?', rooms_loaded: rooms = '?', unsaved_bytes: unsaved = 0 } = sample.metrics ?? {}
    this.#note(`${sample.phase}: ${Math.round(sample.rss_bytes / 1e6)} MB, ${sockets} sockets, ${rooms} rooms, ` +
      `${Math.round(unsaved / 1000)} kB unsaved; ${this.#strangers?.came ?? 0} strangers, ` +
      `${this.#strangers?.visits ?? 0} of them served, ${this.#regulars?.disturbed ?? 0} disturbances`)
  }
}
