import assert from 'node:assert/strict'
import test from 'node:test'
import { chosen, Ladders } from '../plan.mjs'
import { scenarios } from '../scenarios.mjs'
import { report } from './report.mjs'

const names = ['a room, 20', 'a room, 500', 'a storm']
const name = one => one

test('words choose, in any part of a name, and one that nothing has is an error', () => {
  assert.deepEqual(chosen(names, '', name), names)
  assert.deepEqual(chosen(names, 'STORM; 20', name), ['a room, 20', 'a storm'])
  assert.throws(() => chosen(names, 'flood', name), /nothing is called flood: a room, 20; /)
})

test('who delivers less than half of a rung is not asked for the next ones', () => {
  const ladders = new Ladders()
  const rung = { name: '12,000', ladder: 'rate' }
  ladders.took(rung, 'slow', [report({ complete: false, received: 10 })])
  ladders.took(rung, 'nearly', [report({ complete: false, received: 62 })])
  ladders.took(rung, 'failed', [])
  assert.equal(ladders.givenUp({ ladder: 'rate' }, 'slow'), 'not asked, after 10 % of "12,000"')
  assert.equal(ladders.givenUp({ ladder: 'rate' }, 'nearly'), undefined)
  assert.equal(ladders.givenUp({ ladder: 'rate' }, 'failed'), undefined)
  assert.equal(ladders.givenUp({ ladder: 'storm' }, 'slow'), undefined)
})

test('scenarios have names of their own, and ladders go up', () => {
  assert.equal(new Set(scenarios.map(({ name }) => name)).size, scenarios.length)
  const rates = scenarios.filter(({ ladder }) => ladder === 'rate').map(({ x }) => x)
  assert.deepEqual(rates, [...rates].sort((a, b) => a - b))
})
