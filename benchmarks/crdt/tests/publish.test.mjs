import assert from 'node:assert/strict'
import test from 'node:test'
import { placed } from '../../placed.mjs'
import { reasonOf } from '../reasons.mjs'

test('figures go between their marks, and nothing else changes', () => {
  const page = 'before\n\n<!-- figures -->\nold\n<!-- end of figures -->\n\nafter\n'
  assert.equal(placed(page, 'new\n'), 'before\n\n<!-- figures -->\nnew\n<!-- end of figures -->\n\nafter\n')
  assert.throws(() => placed('no marks', 'new\n'), /marks/)
  assert.equal(placed('<!-- a -->\n<!-- end of a -->', 'new\n', 'a'), '<!-- a -->\nnew\n<!-- end of a -->')
})

test('a row has the reason that fits its figure, its shape and who is first', () => {
  const row = { family: 'edits', shape: 'b1.4', metric: 'memory', by: 'loro' }
  assert.notEqual(reasonOf(row), reasonOf({ ...row, by: 'ywasm' }))
  assert.notEqual(reasonOf({ ...row, by: 'ywasm' }), reasonOf({ ...row, by: 'ywasm', shape: 'b3.5' }))
  assert.match(reasonOf({ ...row, metric: 'nothing' }), /no reason is known/i)
})
