import assert from 'node:assert/strict'
import test from 'node:test'
import { behind, bytes, factor, median, rowsOf, time } from '../figures.mjs'

test('the median is the one in the middle, whatever their order', () => {
  assert.equal(median([10, 9, 100]), 10)
  assert.equal(median([2]), 2)
})

test('figures have three digits and a unit', () => {
  assert.deepEqual([950, 12345, 1234567, 12.3e9].map(time), ['950 ns', '12.3 µs', '1.23 ms', '12.3 s'])
  assert.deepEqual([7.44, 27.4, 159929, 1.6e7].map(bytes), ['7.4 B', '27 B', '160 kB', '16.0 MB'])
  assert.deepEqual([0.234, 1.04, 23.4, 1234].map(factor), ['0.23×', '1.0×', '23×', '1,234×'])
})

test('rows in which Freshet is not first name who is', () => {
  const rows = [
    { family: 'edits', shape: 'a', title: 'A', metric: 'load', values: { freshet: 10, yjs: 20, loro: 5, ywasm: 8 } },
    { shape: 'b', metric: 'load', values: { freshet: 10.01, yjs: 10 } },
    { shape: 'c', metric: 'load', values: { freshet: 1 } }
  ]
  assert.deepEqual(behind(rows), [{ family: 'edits', shape: 'a', title: 'A', metric: 'load', by: 'loro', times: 2 }])
})

const run = more => ({ edits: 100, edited: 100, updates: 100, applied: 100, edit_ns: 5, apply_ns: 6, together_ns: 7, encode_ns: 8, update_bytes: 9, state_bytes: 10, smallest_bytes: 11, load_ns: 12, ready_ns: 13, memory_bytes: 14, in_use_bytes: 15, ...more })

test('a shape gives a row for each figure, the medians of its rounds', () => {
  const rows = rowsOf({ name: 's', title: 'S' }, { freshet: [run(), run({ edit_ns: 50 }), run({ edit_ns: 7, memory_bytes: undefined })] }, {})
  assert.equal(rows.find(row => row.metric === 'edit').values.freshet, 7)
  assert.equal(rows.find(row => row.metric === 'memory').values.freshet, 14)
  assert.deepEqual(rows.map(row => row.metric).sort(), ['apply', 'edit', 'encode', 'load', 'memory', 'ready', 'smallest', 'state', 'together', 'update', 'use'])
})

test('what there was no time for is no figure, and is said', () => {
  const rows = rowsOf({ name: 's', title: 'S' }, { automerge: [run({ edited: 40, updates: 41, applied: 20 })] }, {}, 10)
  const [edit, apply] = ['edit', 'apply'].map(metric => rows.find(row => row.metric === metric))
  assert.deepEqual([edit.values, apply.values], [{}, {}])
  assert.deepEqual(edit.said.automerge, { text: '> 10 s (40 %)', why: 'limit' })
  assert.deepEqual(apply.said.automerge, { text: '> 10 s (48 %)', why: 'limit' })
  assert.equal(rows.find(row => row.metric === 'load').values.automerge, 12)
})

test('an engine that failed has its failure in every row, and no figure', () => {
  const rows = rowsOf({ name: 's', title: 'S' }, { ywasm: [run()] }, { ywasm: { text: 'other text', why: 'wrong' } })
  assert.ok(rows.every(row => row.said.ywasm.why === 'wrong' && row.values.ywasm === undefined))
})
