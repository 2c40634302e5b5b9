import assert from 'node:assert/strict'
import test from 'node:test'
import { tables } from '../table.mjs'
import { report, row } from './report.mjs'

// Of the first table: a cell of a server's row.
const cellOf = text => {
  const [head, , ...body] = text.split('\n').filter(line => line.startsWith('|')).map(line => line.split('|').slice(1, -1).map(cell => cell.trim()))
  return (server, column) => body.find(cells => cells[1].startsWith(server))[head.indexOf(column)]
}

test('edits have latency and costs, and how they compare with Freshet\'s', () => {
  const cell = cellOf(tables([
    row('Freshet', [report({ p99: 2, us: 4 })], { set: 'shards = 1' }),
    row('other', [report({ p99: 5, us: 10, isVoid: true, complete: false, received: 62 })]),
    row('third', [], { wrong: 'third did not start: no such file' })
  ]))
  assert.equal(cell('Freshet', 'deliveries/s'), '1,980')
  assert.equal(cell('Freshet', '× p99'), '')
  assert.equal(cell('Freshet', 'edits a message'), '2')
  assert.equal(cell('Freshet', 'told saved, p99 ms'), '–')
  assert.equal(cell('Freshet', 'not its default'), 'shards = 1')
  assert.equal(cell('Freshet', 'delivered'), 'all')
  assert.equal(cell('other', 'server'), 'other 4.7 (1 of 1 rounds void)')
  assert.equal(cell('other', '× p99'), '2.5×')
  assert.equal(cell('other', '× µs'), '2.5×')
  assert.equal(cell('other', 'delivered'), '62 %, not delivered')
  assert.equal(cell('third', 'edits/s'), 'not delivered: third did not start: no such file')
})

test('the floor of presence is one of edits', () => {
  const cell = cellOf(tables([row('Freshet', [report({ presence: 5000, p99: 3 })], { kind: 'presence' }), row('floor', [report({ p99: 1 })], { kind: 'presence' })]))
  assert.equal(cell('Freshet', 'states/s at readers'), '5,000')
  assert.equal(cell('floor', 'states/s at readers'), '1,980')
  assert.equal(cell('floor', 'p99 ms'), '1')
})

test('each kind has a table with its own figures', () => {
  const text = tables([
    row('Freshet', [report({ ofConnection: 4000 })], { kind: 'idle' }),
    row('other', [report({ ofConnection: 20_000 })], { kind: 'idle' }),
    row('Freshet', [report({ storm: {} })], { kind: 'storm' }),
    row('other', [report({ complete: false, storm: { in: 75, failed: 9, returned: 3 } })], { kind: 'storm' })
  ])
  assert.deepEqual(text.match(/^### .*$/gm), ['### Idle connections', '### Storms'])
  const [idle, storm] = text.split('### Storms').map(cellOf)
  assert.equal(idle('other', '× bytes'), '5×')
  assert.equal(storm('Freshet', 'all in after s'), '1.5')
  assert.equal(storm('Freshet', 'MB above before'), '50')
  assert.equal(storm('other', 'all in after s'), '–')
  assert.equal(storm('other', 'failed'), '9')
  assert.equal(storm('other', 'delivered'), '50 %, not delivered')
})

test('a storm that waited for the generator took at most that long', () => {
  const slow = report({ storm: {} })
  slow.generator.cores = 0.97
  assert.equal(cellOf(tables([row('Freshet', [slow], { kind: 'storm' })]))('Freshet', 'all in after s'), '≤ 1.5')
})

test('rows of every kind have as many cells as the head', () => {
  for (const kind of ['edits', 'presence', 'document', 'idle', 'storm']) {
    const lines = tables([row('Freshet', [report({ storm: {} })], { kind }), row('other', [], { kind, wrong: 'no' })]).split('\n').filter(line => line.startsWith('|'))
    assert.equal(new Set(lines.map(line => line.split('|').length)).size, 1, kind)
  }
})
