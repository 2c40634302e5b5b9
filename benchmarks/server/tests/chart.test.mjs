import assert from 'node:assert/strict'
import test from 'node:test'
import { chart, inBytes, range } from '../chart.mjs'

test('a scale goes over whole powers of ten, and has at least one', () => {
  assert.deepEqual(range([20, 200_000]), [1, 6])
  assert.deepEqual(range([0.3]), [-1, 0])
  assert.deepEqual(range([10]), [1, 2])
})

test('a line goes through the points of its server; a point of nothing is left out', () => {
  const svg = chart({ title: 't', xLabel: 'x', yLabel: 'y', series: [{ name: 'Freshet', points: [[10, 1], [1000, 100], [2000, 0]] }, { name: 'floor', points: [] }], caption: 'a < b' })
  assert.match(svg, /<polyline points="70\.0,346\.0 630\.0,46\.0"/)
  assert.equal(svg.match(/<circle/g).length, 2)
  assert.match(svg, /a &lt; b/)
  assert.doesNotMatch(svg, />floor</)
})

test('the second line of a server is dashed', () => {
  const series = ['one', 'two'].map(line => ({ name: 'Freshet', line, points: [[1, 1], [10, 10]] }))
  const svg = chart({ title: 't', xLabel: 'x', yLabel: 'y', series, caption: '' })
  assert.equal(svg.match(/<polyline[^>]*dasharray/g).length, 1)
})

test('of nothing there is no chart', () => {
  assert.equal(chart({ title: 't', xLabel: 'x', yLabel: 'y', series: [{ name: 'a', points: [[1, undefined]] }], caption: '' }), undefined)
})

test('sizes have units', () => {
  assert.equal(inBytes(1e7), '10 MB')
  assert.equal(inBytes(1000), '1 kB')
  assert.equal(inBytes(100), '100')
})
