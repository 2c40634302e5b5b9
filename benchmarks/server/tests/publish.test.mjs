import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import test from 'node:test'
import { charts, publish } from '../publish.mjs'
import { report, row } from './report.mjs'

const results = {
  machine: '2 cores of X', node: '20', date: '2026-01-02', rounds: 1, seconds: 10, load_average: 0, servers: [{ name: 'Freshet', version: '0.1', store: 'store-sqlite' }],
  rows: [
    row('Freshet', [report({ p99: 2 })], { scenario: 'a', x: 20 }),
    row('other', [report({ p99: 5 })], { scenario: 'a', x: 20 }),
    row('Freshet', [report({ p99: 3 })], { scenario: 'b', x: 2000 }),
    row('other', [report({ p99: 900, complete: false })], { scenario: 'b', x: 2000 }),
    row('Freshet', [report()], { scenario: 'without a place in a chart' }),
    row('Freshet', [report()], { scenario: 'c', kind: 'idle', x: 2000, line: 'in one room' }),
    row('Freshet', [report()], { scenario: 'd', kind: 'idle', x: 2000, line: 'a room for each' })
  ]
}

test('a chart has the points of those who delivered', () => {
  const made = charts(results)
  assert.equal(made['server-p99.svg'].match(/<circle/g).length, 3)
  assert.equal(made['server-memory.svg'].match(/in one room|a room for each/g).length, 2)
  assert.equal(made['server-document.svg'], undefined)
})

// A folder of results and pages, and what to read of it when they are published.
const published = (t, these) => {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'publish-'))
  const docs = path.join(root, 'docs')
  t.after(() => fs.rmSync(root, { recursive: true }))
  fs.mkdirSync(docs)
  fs.writeFileSync(path.join(root, 'results.json'), JSON.stringify(these))
  fs.writeFileSync(path.join(root, 'README.md'), 'top\n<!-- server figures -->\nold\n<!-- end of server figures -->\nend\n')
  fs.writeFileSync(path.join(docs, 'server-table.md'), 'top\n<!-- figures -->\nold\n### Idle connections\n\nold\n\n### Storms\n\nof an earlier run\n<!-- end of figures -->\nend\n')
  for (const name of ['server-document.svg', 'server-memory.svg']) fs.writeFileSync(path.join(docs, name), 'of an earlier run')
  publish(root, docs)
  const read = name => fs.readFileSync(path.join(root, name), 'utf8')
  return { readme: read('README.md'), page: read('docs/server-table.md'), has: name => fs.existsSync(path.join(docs, name)) }
}

test('the page and the README get them between their marks', t => {
  const { readme, page, has } = published(t, results)
  assert.match(readme, /^top\n<!-- server figures -->\n!\[.*\]\(docs\/server-p99\.svg\)/)
  assert.match(readme, /Freshet 0\.1 with store-sqlite.*\n<!-- end of server figures -->\nend\n$/)
  assert.match(page, /\(server-cpu\.svg\)/)
  assert.deepEqual(page.match(/^### .*$/gm), ['### Edits', '### Idle connections', '### Storms'])
  assert.equal(page.match(/2026-01-02/g).length, 2, 'each that is made says of which run it is')
  assert.doesNotMatch(page, /\bold\b/)
  assert.match(page, /### Storms\n\nof an earlier run\n<!-- end of figures -->\nend\n$/, 'what the run was not asked for')
  assert.match(page, /server-document/)
  assert.ok(has('server-memory.svg'))
})

test('of a kind that was asked for nothing is left of another run', t => {
  const { page, has } = published(t, { ...results, rows: [row('Freshet', [report()], { scenario: 'without a place in a chart', kind: 'idle' })] })
  assert.ok(!has('server-memory.svg') && has('server-document.svg'))
  assert.doesNotMatch(page, /server-memory|\bold\b/)
})
