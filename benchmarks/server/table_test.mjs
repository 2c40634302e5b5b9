// What the table says of rounds: medians, of those in which the generator was on time if there are any.
import assert from 'node:assert/strict'
import { summary, table } from './table.mjs'

const report = ({ p99, us = 1, isVoid = false, complete = true }) => ({
  void: isVoid,
  complete,
  edits: { sent_per_s: 20 },
  deliveries: { per_s: 1980, bytes_each: 47 },
  messages: { per_s: 990 },
  latency_ms: { p50: 1, p99, p999: 9 },
  acknowledged_ms: { p99: 0 },
  server: { us_per_delivery: us, cores: 0.1, rss_bytes: { peak: 15_600_000 } }
})

const rounds = summary([report({ p99: 500, isVoid: true, complete: false }), report({ p99: 3 }), report({ p99: 2 }), report({ p99: 4 })])
assert.equal(rounds.p99, 3)
assert.equal(rounds.void, 1)
assert.equal(rounds.complete, true)
assert.equal(summary([report({ p99: 3 }), report({ p99: 3, complete: false })]).complete, false)
assert.equal(summary([report({ p99: 7, isVoid: true })]).p99, 7, 'void figures are shown as such')

const rows = [
  { scenario: 'a', server: 'Freshet', set: 'shards = 1', summary: summary([report({ p99: 2, us: 4 })]) },
  { scenario: 'a', server: 'other 1.0', set: '–', summary: summary([report({ p99: 5, us: 10, isVoid: true, complete: false })]) },
  { scenario: 'a', server: 'third', set: '–', wrong: 'third did not start: no such file' }
]
const [head, , freshet, other, third] = table(rows).split('\n').map(line => line.split('|').slice(1, -1).map(cell => cell.trim()))
const cell = (row, name) => row[head.indexOf(name)]
assert.equal(cell(freshet, 'deliveries/s'), '1,980')
assert.equal(cell(freshet, '× p99'), '')
assert.equal(cell(freshet, 'edits a message'), '2')
assert.equal(cell(freshet, 'told saved, p99 ms'), '–')
assert.equal(cell(freshet, 'not its default'), 'shards = 1')
assert.equal(cell(other, 'server'), 'other 1.0 (1 of 1 rounds void)')
assert.equal(cell(other, '× p99'), '2.5×')
assert.equal(cell(other, '× µs'), '2.5×')
assert.equal(cell(other, 'complete'), 'no')
assert.equal(third.length, head.length)
assert.equal(third[2], 'third did not start: no such file')
