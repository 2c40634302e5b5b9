// People of both wires over several rooms, at whichever node, and what has to be true of all of them together.
import assert from 'node:assert/strict'
import { describeDifference } from '../../interop/lib/fingerprint.mjs'
import { until } from '../../interop/lib/wait.mjs'
import { Visit } from '../../interop/lib/visit.mjs'
import { PluvPerson, YjsPerson } from './people.mjs'

// How long what others see may lag behind what is so, on a machine that has much to do.
const kLateMs = 3000

export class Crowd {
  // Every third is of pluv, every third of y-websocket 2.
  constructor ({ count, rooms, random }) {
    this.random = random
    this.rooms = Array.from({ length: rooms }, (_, i) => `room${i}`)
    this.people = Array.from({ length: count }, (_, i) => {
      const options = { room: this.rooms[i % rooms], seed: random.fork() }
      const kind = Math.floor(i / rooms) % 3
      return kind === 1 ? new PluvPerson({ called: `p${i}`, ...options })
        : new YjsPerson({ called: `y${i}`, version: kind === 2 ? 2 : 3, ...options })
    })
  }

  at (node) { return this.people.filter(person => person.node === node) }
  get here () { return this.people.filter(person => person.node) }
  in (room) { return this.here.filter(person => person.room === room) }

  // Each at one of `nodes`, those who are not there.
  enter (nodes) {
    return this.each(this.people.filter(person => !person.node), person => person.enter(this.random.pick(nodes)))
  }

  each (people, what) { return Promise.all(people.map(what)) }
  write () { return this.each(this.here, person => person.write(15 + this.random.below(60))) }
  rest () { return this.each(this.people, person => person.rest()) }
  // Also those whose node has died, who would come back to it.
  leave (people = this.people) { return this.each(people, person => person.leave()) }
  end () { return this.each(this.people, person => person.end()) }

  // Those of a room have the same document, and what they wrote is saved.
  async untilSettled (options = {}) {
    for (const room of this.rooms) {
      const people = this.in(room)
      await until(`all in ${room} have the same document`, async () =>
        new Set(await this.each(people, person => person.print())).size <= 1, {
        withinMs: 60_000, everyMs: 100, ...options,
        describe: async () => `${people.map(({ called }) => called)}: ${describeDifference(await this.each(people, person => person.fingerprint()))}`
      })
      await until(`all of ${room} is saved`, async () => (await this.each(people, person => person.settled())).every(Boolean),
        { withinMs: 60_000, ...options, describe: async () => JSON.stringify(await this.each(people, async p => [p.called, await p.settled()])) })
    }
  }

  // Whoever reads a room at `node` finds all that was acknowledged, once. Returns how much that is.
  async nothingIsLost (pick, books) {
    let counted = 0
    await this.each(this.rooms, async room => {
      const visit = await Visit.begin({ url: pick().url, room })
      try {
        for (const [person, shown] of books) {
          if (person.room !== room) continue
          assert.deepEqual(visit.faultsIn(shown), [], `${room}, what ${person.called} was told is saved`)
          counted += Object.values(shown.clocks).reduce((sum, clock) => sum + clock, 0)
        }
        const [present] = this.in(room)
        if (present) assert.equal(visit.print, await present.fingerprint(), `${room}: a newcomer reads what all have`)
      } finally { visit.end() }
    })
    return counted
  }

  async books () {
    return await this.each(this.people, async person => [person, await person.books()])
  }

  // Everybody sees everybody else in their room.
  async untilAllAreSeen (options) {
    await this.#untilNobodySays('all see those who are there', options, (person, others, names) => [
      ...others.filter(other => !names.includes(other.name)).map(other => `does not see ${this.#told(other)}`)
    ])
  }

  // Nobody sees one who is not there, or one twice; but for those of whom `mayStay` holds, by when they went.
  async untilTheGoneAreGone (mayStay, options) {
    await this.#untilNobodySays('nobody sees who is gone', options, (person, others, names) => [
      ...names.filter(name => name !== person.name && !others.some(other => other.name === name))
        .filter(name => !mayStay(this.#wentAt(name)))
        .map(name => `still sees ${name}, gone for ${Date.now() - this.#wentAt(name)} ms`),
      ...others.filter(({ name }) => names.indexOf(name) !== names.lastIndexOf(name))
        .filter(other => !mayStay(other.stays.at(-1).from)).map(other => `sees ${this.#told(other)} twice`)
    ])
  }

  async #untilNobodySays (what, options, faultsOf) {
    let told
    await until(what, async () => {
      told = await this.each(this.here, async person => {
        const others = this.in(person.room).filter(other => other !== person)
        return faultsOf(person, others, await person.names()).map(fault => `${this.#told(person)} ${fault}`)
      })
      return told.every(faults => faults.length === 0)
    }, { withinMs: 60_000, everyMs: 100, ...options, describe: () => told.flat().slice(0, 8).join('; ') })
  }

  #told (person) {
    const errors = person.errors?.() ?? []
    return `${person.name} at port ${person.node?.port} for ${Date.now() - person.stays.at(-1).from} ms ${errors.join(', ')}`.trim()
  }

  // 0: nobody knows of such a one.
  #wentAt (name) {
    return Math.max(0, ...this.people.flatMap(({ stays }) => stays).filter(stay => stay.name === name).map(stay => stay.to))
  }

  // Nobody saw one go who was there.
  async nobodyWasTakenForGone () {
    const told = await this.each(this.people, async person =>
      (await person.gone()).filter(({ name, at }) => this.#wasThere(name, at)).map(({ name }) => `${person.called} saw ${name} go`))
    assert.deepEqual(told.flat(), [])
    assert.deepEqual(this.people.flatMap(person => person.faults()), [])
  }

  #wasThere (name, at) {
    return this.people.flatMap(({ stays }) => stays)
      .some(stay => stay.name === name && stay.from < at - kLateMs && stay.to > at + kLateMs)
  }
}
