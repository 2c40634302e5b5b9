import assert from 'node:assert/strict'
import test from 'node:test'
import { applyEach, play } from '../play.mjs'
import { author, insert, listNumber, meet, remove, setString } from '../script.mjs'

// An engine whose updates are all a replica has: enough to see who is told what.
const plainEngine = ({ lazy = false } = {}) => ({
  replica: (id, hear) => {
    let text = ''
    let silent = false
    const said = []
    const done = (what, edit) => { edit(); said.push(what); if (!silent) hear?.(`${id}:${what}`) }
    const replica = {
      insert: (at, letters) => done(`insert ${at} ${letters}`, () => { text = text.slice(0, at) + letters + text.slice(at) }),
      remove: (at, count) => done(`remove ${at} ${count}`, () => { text = text.slice(0, at) + text.slice(at + count) }),
      item: (at, value) => done(`item ${at} ${value}`, () => {}),
      set: (key, value) => done(`set ${key} ${value}`, () => {}),
      apply: update => { said.push(`got ${update}`) },
      applyAll: updates => { said.push(`got ${updates.join(', ')}`) },
      length: () => text.length,
      said
    }
    if (lazy) replica.together = edits => { silent = true; edits(); silent = false; hear(`${id}:together`) }
    return replica
  }
})

test('each edit is made by the author named last, and its update is noted', () => {
  const { authors, updates, made } = play([author(0, 7), insert(0, 'ab'), listNumber(0, 5), author(1, 8), setString('k', 'v')], plainEngine())
  assert.deepEqual(updates, ['7:insert 0 ab', '7:item 0 5', '8:set k v'])
  assert.equal(authors.length, 2)
  assert.equal(made, 3)
})

test('who meets hears of what the others did since the last time, and not of their own', () => {
  const steps = [author(0, 7), insert(0, 'a'), author(1, 8), insert(0, 'b'), meet(), insert(0, 'c'), meet()]
  const { authors } = play(steps, plainEngine())
  assert.deepEqual(authors[0].replica.said, ['insert 0 a', 'got 8:insert 0 b', 'got 8:insert 0 c'])
  assert.deepEqual(authors[1].replica.said, ['insert 0 b', 'got 7:insert 0 a', 'insert 0 c'])
})

test('a place beyond the end is the end, and nothing is deleted where nothing is', () => {
  const { updates } = play([author(0, 7), insert(9, 'abc'), remove(2, 5), remove(2, 1)], plainEngine())
  assert.deepEqual(updates, ['7:insert 0 abc', '7:remove 2 1'])
})

test('an engine that is overdue makes the rest in one go, if it can and is alone', () => {
  const steps = [author(0, 7), ...Array.from({ length: 100 }, (_, i) => insert(i, 'x'))]
  const { updates, made, authors } = play(steps, plainEngine({ lazy: true }), () => true)
  assert.deepEqual(updates, ['7:together'])
  assert.equal(made, 0)
  assert.equal(authors[0].length, 100)
  assert.equal(play(steps, plainEngine(), () => true).made, 100)
  assert.equal(play([...steps, meet()], plainEngine({ lazy: true }), () => true).made, 100)
})

test('updates one by one end when time is up, and it is known how many came in', () => {
  const replica = plainEngine().replica(1)
  let looks = 0
  assert.equal(applyEach(replica, Array(100).fill('u'), () => ++looks > 2), 64)
  assert.equal(replica.said.length, 64)
})
