// node live.mjs ENGINE-CLI [HISTORIES] [SEED] [ONLY]: random histories played by the engine and by the
// real yjs side by side.
//
// Each of 2 to 20 clients is a pair of documents, one of yjs and one of the engine. Both make the same
// edits and hear the same updates, late, shuffled, more than once, as v1 or v2, merged, or as what one
// of them answers to the other's state vector; some collect garbage and some do not. What they write
// must be the same bytes; nothing of it may look as if two wrote as one client; what they hold, as yjs reads it, the same document, and in the end the one
// that yjs has after hearing everything in order. ONLY plays one history, tells its steps and compares
// after each.
import fs from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { startEngine } from './corpora.mjs'
import { dice, play, randomEdit, roots, show } from './edits.mjs'
import { tagged, tidy } from './tagged.mjs'

const SKIPPED = 77
const [cli, count = '2000', seed = 'live', only] = process.argv.slice(2)
const packages = new URL('../interop/package.json', import.meta.url)
if (!fs.existsSync(new URL('node_modules/yjs', packages))) {
  console.log('tests/interop has no packages (./dev test fetches them): skipped')
  process.exit(SKIPPED)
}
const Y = createRequire(packages)('yjs')
const engine = startEngine(path.resolve(cli))
const base64 = bytes => Buffer.from(bytes).toString('base64')
const bytes = text => new Uint8Array(Buffer.from(text, 'base64'))
const same = (a, b) => Buffer.compare(a, b) === 0

class Difference extends Error {}
const expect = (holds, what, detail = () => '') => { if (!holds) throw new Difference(`${what} ${detail()}`) }

const ask = async request => {
  const reply = await engine.ask(request)
  expect(reply.ok, `${request.cmd} refused:`, () => JSON.stringify(reply) + JSON.stringify(request))
  expect(!reply.contradicts, 'an honest update was taken for that of a copy:', () => JSON.stringify(request))
  return reply
}

// Yjs cleans formats up after a remote change; a server leaves that to those who type.
const newDoc = ({ gc = true, cleans = false, clientID } = {}) => {
  const doc = new Y.Doc({ gc })
  if (clientID !== undefined) doc.clientID = clientID
  if (!cleans) doc.on('afterTransaction', transaction => { transaction._needFormattingCleanup = false })
  for (const [name, kind] of Object.entries(roots)) show(Y, doc, name, kind)
  return doc
}
const loaded = (update, gc, apply = Y.applyUpdate) => {
  const doc = newDoc({ gc })
  apply(doc, update)
  return doc
}
const stateOf = doc => Y.encodeStateAsUpdate(doc)
const vectorOf = doc => Y.encodeStateVector(doc)
// By yjs, what was one struct and what were two is the same afterwards.
const canonical = (update, gc, apply) => stateOf(loaded(update, gc, apply))
const known = vector => [...Y.decodeStateVector(vector)].sort(([a], [b]) => a - b).join(' ')
const waits = doc => doc.store.pendingStructs !== null || doc.store.pendingDs !== null

const CLIENT_IDS = [roll => 1 + roll.below(200), roll => 1 + roll.below(0xfffffffe), roll => 2 ** 32 + roll.below(2 ** 20) * 2 ** 32 + roll.below(2 ** 20)]

class History {
  constructor (number) {
    this.roll = dice(`${seed}/${number}`)
    this.number = number
    this.log = [] // every update ever written, in order
    this.exact = { written: 0, updates: 0 }
  }

  say (...words) { if (only !== undefined) console.log(...words) }

  async begin () {
    const { roll } = this
    const people = roll.below(5) === 0 ? 2 + roll.below(19) : 2 + roll.below(4)
    const mode = roll.below(3) // all collect garbage, none does, each as it likes
    const ids = new Set()
    const idFrom = roll.pick(CLIENT_IDS)
    while (ids.size < people) ids.add(idFrom(roll))
    this.profile = { halves: roll.below(3) === 0, formats: roll.below(4) > 0, depth: roll.below(4) }
    this.people = []
    for (const clientID of ids) {
      const gc = mode === 0 || (mode === 2 && roll.below(2) === 0)
      const cleans = roll.below(4) === 0
      const name = `h${this.number}c${clientID}`
      await ask({ cmd: 'doc.new', doc: name, clientID, gc, cleanup: false, typed: true, roots })
      const person = { name, gc, clientID, twin: newDoc({ gc, cleans, clientID }), inbox: [], heard: new Set(), healed: false, own: [] }
      // What yjs cleans up it writes as an edit of its own.
      person.twin.on('update', (update, _origin, _doc, transaction) => { if (transaction.local) person.own.push(update) })
      this.people.push(person)
    }
    this.say(`${people} people, ${JSON.stringify(this.profile)}`, this.people.map(({ name, gc }) => `${name}${gc ? '' : ' keeps garbage'}`).join(', '))
  }

  // For the others to hear, and for the record.
  tell (from, update) {
    const number = this.log.push(update) - 1
    from.heard.add(number)
    for (const person of this.people) if (person !== from) person.inbox.push(number)
  }

  async edit (person) {
    const { roll } = this
    const ops = []
    person.own.length = 0
    let v2 = null
    const note = update => { v2 = update }
    person.twin.on('updateV2', note)
    person.twin.transact(() => {
      for (let left = 1 + roll.below(3); left > 0; left--) {
        const op = randomEdit(Y, person.twin, roll, this.profile)
        if (!op) continue
        ops.push(op)
        play(Y, person.twin, op)
      }
    })
    person.twin.off('updateV2', note)
    const [update] = person.own.splice(0)
    this.say(person.name, 'edits', JSON.stringify(ops))
    const { u1, u2 } = await ask({ cmd: 'doc.ops', doc: person.name, ops })
    expect((u1 === null) === (update === undefined), `${person.name}: one of them changed nothing`, () => JSON.stringify(ops))
    if (!update) return
    for (const [format, ours, theirs] of [['v1', u1, update], ['v2', u2, v2]]) {
      expect(same(bytes(ours), theirs), `${person.name} wrote other ${format}:`, () => `${ours} instead of ${base64(theirs)} ${JSON.stringify(ops)}`)
      this.exact.written++
    }
    this.tell(person, update)
  }

  // Some of what has come, as one update or the other format; it may come again.
  async listen (person, all = false) {
    const { roll } = this
    if (person.inbox.length === 0) return
    const numbers = []
    for (let left = all ? person.inbox.length : 1 + roll.below(4); left > 0 && person.inbox.length > 0; left--) {
      const at = roll.below(2) ? 0 : roll.below(person.inbox.length)
      numbers.push(person.inbox[at])
      if (all || roll.below(6) > 0) person.inbox.splice(at, 1)
    }
    this.say(person.name, 'hears', numbers.join(' '))
    numbers.forEach(number => person.heard.add(number))
    const updates = numbers.map(number => this.log[number])
    await this.apply(person, roll.below(3) === 0 ? [Y.mergeUpdates(updates)] : updates)
  }

  async apply (person, updates) {
    person.own.length = 0
    for (const update of updates) {
      if (this.roll.below(2)) {
        Y.applyUpdate(person.twin, update, 'remote')
        await ask({ cmd: 'doc.apply', doc: person.name, fmt: 1, u: base64(update) })
      } else {
        const v2 = Y.convertUpdateFormatV1ToV2(update)
        Y.applyUpdateV2(person.twin, v2, 'remote')
        await ask({ cmd: 'doc.apply', doc: person.name, fmt: 2, u: base64(v2) })
      }
    }
    await this.forward(person)
    await this.compareStates(person)
  }

  // What a twin cleaned up is an edit of its client.
  async forward (person) {
    for (const update of person.own.splice(0)) {
      await ask({ cmd: 'doc.apply', doc: person.name, fmt: 1, u: base64(update) })
      this.tell(person, update)
    }
  }

  // Yjs may leave structs parked although all they need has come. Then it is told again in the order
  // in which they were written, as nobody gets stuck on.
  async compareStates (person) {
    const { sv } = await ask({ cmd: 'doc.sv', doc: person.name })
    if (known(bytes(sv)) === known(vectorOf(person.twin))) return this.compareContents(person)
    expect(waits(person.twin), `${person.name} knows other clocks:`, () => `${known(bytes(sv))} instead of ${known(vectorOf(person.twin))}`)
    const inOrder = newDoc({ gc: person.gc })
    for (const number of [...person.heard].sort((a, b) => a - b)) Y.applyUpdate(inOrder, this.log[number])
    Y.applyUpdate(person.twin, stateOf(inOrder), 'remote')
    person.healed = true
    await this.forward(person)
    expect(known(bytes(sv)) === known(vectorOf(person.twin)), `${person.name} knows other clocks, and yjs is not stuck:`, () => `${known(bytes(sv))} instead of ${known(vectorOf(person.twin))}`)
  }

  // Slow, so only for one history: the first step that makes a difference is the one to look at.
  async compareContents ({ name, twin, gc, healed }) {
    if (only === undefined || healed) return
    const ours = bytes((await ask({ cmd: 'doc.encode', doc: name, fmt: 1 })).u)
    expect(same(canonical(ours, gc), canonical(stateOf(twin), gc)), `${name} has other content than its twin:`, () => `${base64(ours)} instead of ${base64(stateOf(twin))}`)
  }

  // What each half of one answers to a third document goes to the other half of another.
  async sync (from, to) {
    if (from === to || waits(from.twin) || waits(to.twin)) return
    const fmt = 1 + this.roll.below(2)
    const { sv } = await ask({ cmd: 'doc.sv', doc: to.name })
    const ours = bytes((await ask({ cmd: 'doc.encode', doc: from.name, fmt, sv })).u)
    const theirs = (fmt === 1 ? Y.encodeStateAsUpdate : Y.encodeStateAsUpdateV2)(from.twin, vectorOf(to.twin))
    this.say(to.name, 'syncs with', from.name)
    from.heard.forEach(number => to.heard.add(number))
    to.own.length = 0
    ;(fmt === 1 ? Y.applyUpdate : Y.applyUpdateV2)(to.twin, ours, 'remote')
    await ask({ cmd: 'doc.apply', doc: to.name, fmt, u: base64(theirs) })
    await this.forward(to)
    await this.compareStates(to)
  }

  async play () {
    await this.begin()
    const { roll } = this
    const steps = 10 + roll.below(50)
    for (let i = 0; i < steps; i++) {
      const person = roll.pick(this.people)
      const die = roll.below(10)
      if (die < 5) await this.edit(person)
      else if (die < 9) await this.listen(person)
      else await this.sync(roll.pick(this.people), person)
    }
    // Cleaning up is news again, so until nobody has any.
    while (this.people.some(({ inbox }) => inbox.length > 0)) for (const person of this.people) await this.listen(person, true)
    await this.end()
  }

  async end () {
    const all = { true: newDoc({ gc: true }), false: newDoc({ gc: false }) }
    for (const doc of Object.values(all)) for (const update of this.log) Y.applyUpdate(doc, update)
    const merged = await this.merged()
    const want = canonical(stateOf(all.true), true)
    expect(same(canonical(merged, true), want), 'merging all updates makes another document')
    for (const person of this.people) {
      await this.compareEnd(person, all.true, want)
      await ask({ cmd: 'doc.free', doc: person.name })
    }
  }

  async merged () {
    const shuffled = this.log.map(update => [this.roll.below(1e6), update]).sort(([a], [b]) => a - b).map(([, update]) => update)
    if (shuffled.length === 0) return stateOf(newDoc())
    const fmt = 1 + this.roll.below(2)
    const us = shuffled.map(update => base64(fmt === 1 ? update : Y.convertUpdateFormatV1ToV2(update)))
    const update = bytes((await ask({ cmd: 'raw.merge', fmt, us })).u)
    return fmt === 1 ? update : Y.convertUpdateFormatV2ToV1(update)
  }

  async compareEnd (person, all, want) {
    const { name, twin, gc, healed } = person
    const { sv } = await ask({ cmd: 'doc.sv', doc: name })
    expect(known(bytes(sv)) === known(vectorOf(all)), `${name} ends with other clocks`)
    for (const fmt of [1, 2]) {
      const ours = bytes((await ask({ cmd: 'doc.encode', doc: name, fmt })).u)
      const theirs = (fmt === 1 ? Y.encodeStateAsUpdate : Y.encodeStateAsUpdateV2)(twin)
      const apply = fmt === 1 ? Y.applyUpdate : Y.applyUpdateV2
      this.exact.updates += same(ours, theirs)
      expect(same(canonical(ours, true, apply), want), `${name} ends with another document (v${fmt}):`, () => `${base64(canonical(ours, true, apply))} instead of ${base64(want)}`)
      if (healed) continue
      expect(same(canonical(ours, gc, apply), canonical(theirs, gc, apply)), `${name} ends with other content than its twin (v${fmt}):`, () => `${base64(ours)} instead of ${base64(theirs)}`)
    }
    const { tree } = await ask({ cmd: 'doc.tree', doc: name, roots })
    for (const [root, kind] of Object.entries(roots)) {
      const shown = tidy(tree[root])
      const wanted = tidy(tagged(Y, show(Y, all, root, kind)))
      expect(isDeepStrictEqual(shown, wanted), `${name} shows another ${root}:`, () => `${JSON.stringify(shown)} instead of ${JSON.stringify(wanted)}`)
    }
  }
}

let failed = 0
const sum = { histories: 0, updates: 0, written: 0, exact: 0, ends: 0 }
for (let number = only === undefined ? 0 : Number(only); number < (only === undefined ? Number(count) : Number(only) + 1); number++) {
  const history = new History(number)
  try {
    await history.play()
  } catch (error) {
    if (!(error instanceof Difference)) console.log(error)
    console.log(`history ${number} of seed ${seed}: ${only === undefined ? error.message.slice(0, 2000) : error.message}`)
    if (++failed >= 5) break
  }
  sum.histories++
  sum.updates += history.log.length
  sum.written += history.exact.written
  sum.exact += history.exact.updates
  sum.ends += 2 * history.people.length
}
engine.stop()
console.log(`${sum.histories} histories of seed ${seed}: ${failed} with a difference; ${sum.written} encodings of ${sum.updates} updates the same bytes, ${sum.exact} of ${sum.ends} whole states, too`)
process.exit(failed ? 1 : 0)
