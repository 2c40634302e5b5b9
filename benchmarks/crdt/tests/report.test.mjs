import assert from 'node:assert/strict'
import test from 'node:test'
import { chart } from '../chart.mjs'
import { markdown } from '../report.mjs'

const row = more => ({ family: 'edits', shape: 'b1.1', title: 'append', metric: 'load', values: { freshet: 1e6, yjs: 5e6, loro: 5e5 }, said: {}, ...more })
const results = {
  engines: { freshet: '0.1.0', yjs: '13.6.33', loro: '1.17.1', automerge: '3.5.0' },
  machine: 'two cores', node: '20', date: '2026-11-29', rounds: 3, limit_s: 10, rows: [row(), row({ metric: 'apply', said: { automerge: { text: '> 10 s (5 %)', why: 'limit' } } })]
}

test('a table has a row for each shape, a factor for each engine, and who is first in bold', () => {
  const text = markdown(results)
  assert.match(text, /\| b1\.1 append \| 1\.00 ms \| 5\.00 ms, 5\.0× \| \*\*500 µs, 0\.50×\*\* \| – \|/)
})

test('what an engine did not do stands in its cell, and why below the table', () => {
  const text = markdown(results)
  assert.match(text, /> 10 s \(5 %\) ¹/)
  assert.match(text, /¹ .*10 s/)
})

test('versions, machine, node and date are told, and where Freshet is not first', () => {
  const text = markdown(results)
  for (const told of ['yjs 13.6.33', 'automerge 3.5.0', 'two cores', 'Node 20', '2026-11-29']) assert.ok(text.includes(told), told)
  assert.match(text, /The state loaded and read\*\*: b1\.1 \(loro 2\.0×\)\. A snapshot of Loro/)
  assert.doesNotMatch(text, /busy/)
  assert.match(markdown({ ...results, load: 7 }), /busy.*7\.0/)
})

test('the chart has a dot for each figure, left of the line for who is faster', () => {
  const svg = chart([{ label: 'load <b1>', values: { freshet: 100, yjs: 1000, loro: 50 } }], ['yjs', 'loro', 'automerge'], 'caption')
  const [yjs, loro] = ['yjs', 'loro'].map(name => Number(svg.match(new RegExp(`<circle class="${name}" cx="([0-9.]+)"`))[1]))
  const line = Number(svg.match(/<line class="one" x1="([0-9.]+)"/)[1])
  assert.ok(loro < line && line < yjs)
  assert.ok(!svg.includes('class="automerge" cx'))
  assert.ok(svg.includes('load &lt;b1&gt;'))
})
