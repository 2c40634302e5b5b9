import assert from 'node:assert/strict'
import test from 'node:test'
import { choose } from '../choose.mjs'

const engines = ['freshet', 'yjs', 'loro']
const names = ['edits b1.1', 'edits b1.11', 'edits b4', 'bytes apply b4-paper', 'bytes load b4-final']
const chosen = words => { const { engines: some, wanted } = choose(words, engines, names); return [some, names.filter(wanted)] }

test('without a word all of them are measured', () => {
  assert.deepEqual(chosen([]), [engines, names])
})

test('the name of an engine chooses it, beside Freshet', () => {
  assert.deepEqual(chosen(['loro']), [['freshet', 'loro'], names])
})

test('another word chooses shapes by a whole name, or by how it begins', () => {
  assert.deepEqual(chosen(['b1.1'])[1], ['edits b1.1'])
  assert.deepEqual(chosen(['b1'])[1], ['edits b1.1', 'edits b1.11'])
  assert.deepEqual(chosen(['b4', 'loro']), [['freshet', 'loro'], ['edits b4', 'bytes apply b4-paper', 'bytes load b4-final']])
  assert.deepEqual(chosen(['load', 'b1.1'])[1], ['edits b1.1', 'bytes load b4-final'])
})

test('a family chooses its shapes, or among those that other words choose', () => {
  assert.deepEqual(chosen(['bytes'])[1], ['bytes apply b4-paper', 'bytes load b4-final'])
  assert.deepEqual(chosen(['edits', 'b4'])[1], ['edits b4'])
})

test('a word that means nothing is refused with what there is', () => {
  assert.throws(() => choose(['lorro'], engines, names), /lorro.*freshet, yjs, loro.*b1\.1/s)
})
