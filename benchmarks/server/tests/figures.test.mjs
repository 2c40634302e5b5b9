import assert from 'node:assert/strict'
import test from 'node:test'
import { about, summary } from '../figures.mjs'
import { report } from './report.mjs'

test('medians are of the rounds in which the generator was on time', () => {
  const rounds = summary([report({ p99: 500, isVoid: true, complete: false }), report({ p99: 3 }), report({ p99: 2 }), report({ p99: 4 })])
  assert.equal(rounds.p99, 3)
  assert.equal(rounds.void, 1)
  assert.equal(rounds.complete, true)
  assert.equal(summary([report({ p99: 7, isVoid: true })]).p99, 7, 'of all if there are none')
})

test('a server has delivered if it has in each of these rounds', () => {
  const rounds = summary([report(), report({ complete: false, received: 62 }), report()])
  assert.equal(rounds.complete, false)
  assert.equal(summary([report({ complete: false, received: 62 })]).delivered, 0.62)
  assert.equal(summary([report({ presence: 5, received: 40 })]).delivered, 0.4)
  assert.equal(summary([report({ storm: { in: 75 } })]).delivered, 0.5)
})

test('memory of a storm is what it takes above what was there', () => {
  assert.equal(summary([report({ storm: {} })]).above, 50)
})

test('the note tells versions, stores, machine, date, and that the machine was busy', () => {
  const results = { rounds: 1, seconds: 10, machine: '2 cores of X', node: '20', date: '2026-01-02', load_average: 0.2, servers: [{ name: 'A', version: '1', store: 'b 2' }] }
  assert.equal(about(results), 'Medians of 1 round of 10 s, a server on one core, the generator on another. 2 cores of X, Node 20, 2026-01-02. A 1 with b 2.')
  assert.match(about({ ...results, load_average: 3 }), /busy.*load 3\.0/)
})
