// The shapes engines are compared by: B1 to B4 of dmonad/crdt-benchmarks, as scripts, with their N of
// 6,000, and some of our own. Same seed and scale, same scripts.
import { dice, id32, id53, letter, upTo, word } from './dice.mjs'
import { author, insert, listNumber, listString, meet, remove, setNumber, setString } from './script.mjs'

const N = 6000
// As many as there are there: 20 times the root of N.
const CROWD = 1540
const KEYS = 500
const PAPER = 150000

const list = (count, make) => Array.from({ length: count }, (_, i) => make(i))

// One who types: where, and how long the text is by now.
const words = roll => {
  let length = 0
  const put = text => { const at = upTo(roll, length + 1); length += text.length; return insert(at, text) }
  return {
    character: () => put(letter(roll)),
    word: () => put(word(roll)),
    insertOrRemove: () => {
      const at = upTo(roll, length + 1)
      if (roll() < 0.5 || at === length) return put(word(roll))
      const count = Math.min(length - at, 1 + upTo(roll, 8))
      length -= count
      return remove(at, count)
    },
    grow: by => { length += by }
  }
}

// Somebody writes: bursts of letters, every now and then some back again, then elsewhere.
export const writer = roll => {
  let [at, burst, length] = [0, 0, 0]
  return () => {
    if (burst-- <= 0) {
      burst = 5 + upTo(roll, 120)
      if (roll() < 0.3) at = upTo(roll, length + 1)
      else if (roll() < 0.2) at = length
    }
    if (at > 0 && roll() < 0.3) { length--; return remove(--at, 1) }
    length++
    return insert(at++, letter(roll))
  }
}

const alone = (roll, count, edit, id = id32) => [author(0, id(roll)), ...list(count, edit)]

// `people` who begin with one text and meet after every `pace` edits of each.
const together = (roll, people, rounds, pace, kind, id = id32) => {
  const ids = list(people, () => id(roll))
  const start = list(100, () => letter(roll)).join('')
  const typists = ids.map(() => words(roll))
  typists.forEach(typist => typist.grow(start.length))
  const turns = () => typists.flatMap((typist, i) => [author(i, ids[i]), ...list(pace, () => typist[kind]())])
  return [author(0, ids[0]), insert(0, start), ...ids.slice(1).map((other, i) => author(i + 1, other)), meet(),
    ...list(rounds, () => [...turns(), meet()]).flat()]
}

// Many who know nothing of each other do one thing each.
const strangers = (roll, count, edit, id = id32) => list(count, i => [author(i, id(roll)), edit(i)]).flat()

// -> [{ name, title, steps() }]; each from a seed of its own, so that one can be made without the rest.
export const scripts = (seed, scale) => {
  const n = count => Math.max(10, Math.round(count * scale))
  const all = [
    ['b1.1', 'append N characters', roll => alone(roll, n(N), i => insert(i, letter(roll)))],
    ['b1.3', 'prepend N characters', roll => alone(roll, n(N), () => insert(0, letter(roll)))],
    ['b1.4', 'insert N characters anywhere', roll => alone(roll, n(N), words(roll).character)],
    ['b1.4-53', 'the same with a client id of 53 bits', roll => alone(roll, n(N), words(roll).character, id53)],
    ['b1.5', 'insert N words anywhere', roll => alone(roll, n(N), words(roll).word)],
    ['b1.7', 'insert and delete words anywhere, N times', roll => alone(roll, n(N), words(roll).insertOrRemove)],
    ['b1.11', 'insert N numbers anywhere in a list', roll => alone(roll, n(N), i => listNumber(upTo(roll, i + 1), upTo(roll, 2 ** 31)))],
    ['b2.2', 'two insert N characters each, then meet', roll => together(roll, 2, 1, n(N), 'character')],
    ['b2.4', 'two insert and delete N words each, then meet', roll => together(roll, 2, 1, n(N), 'insertOrRemove')],
    ['b3.1', '20√N clients set a number', roll => strangers(roll, n(CROWD), i => setNumber('v', i))],
    ['b3.3', '20√N clients set a long string', roll => strangers(roll, n(CROWD), i => setString('v', String(i).repeat(CROWD)))],
    ['b3.4', '20√N clients insert into a list', roll => strangers(roll, n(CROWD), i => listString(0, String(i)))],
    ['b3.5', '20√N clients insert text', roll => strangers(roll, n(CROWD), i => insert(0, String(i)))],
    ['b3.5-53', 'the same with client ids of 53 bits', roll => strangers(roll, n(CROWD), i => insert(0, String(i)), id53)],
    ['b4', 'one writes a paper (generated)', roll => alone(roll, n(PAPER), writer(roll))],
    ['two', 'who meet after every 100 words', roll => together(roll, 2, n(30), 100, 'insertOrRemove')],
    ['twenty', 'who meet after every 30 words', roll => together(roll, 20, n(10), 30, 'insertOrRemove')],
    ['keys', `one of ${KEYS} set, N times`, roll => alone(roll, n(N), i => setNumber('key' + upTo(roll, KEYS), i))]
  ]
  return all.map(([name, title, make], i) => ({ name, title, steps: () => make(dice(seed * 1000 + i)) }))
}
