// node publish.mjs OUT DOCS: the results in OUT/results.json, as the pages show them. Puts the tables
// into DOCS/engine-table.md between their marks, and the charts beside it.
import fs from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { placed } from '../placed.mjs'
import { chart } from './chart.mjs'
import { about, markdown } from './report.mjs'

// The rows a reader looks for first.
const FIRST = ['edit', 'apply', 'ready', 'use']

// Name -> text of what is made from results.
export const rendered = results => {
  const others = Object.keys(results.engines).slice(1)
  const dots = (rows, label) => chart(rows.map(row => ({ label: label(row), values: row.values })), others, about({ ...results, engines: {} }))
  const { rows } = results
  return {
    'table.md': markdown(results),
    'engine-edits.svg': dots(FIRST.flatMap(metric => rows.filter(row => row.family === 'edits' && row.metric === metric)), row => `${row.metric} ${row.shape} ${row.title}`),
    // What anybody can repeat; the table has the recorded ones, too.
    'engine-speed.svg': dots(rows.filter(row => row.family === 'bytes' && row.kind === 'generated'), row => `${row.metric} ${row.shape}`)
  }
}

const publish = (out, docs) => {
  const { 'table.md': table, ...charts } = rendered(JSON.parse(fs.readFileSync(path.join(out, 'results.json'), 'utf8')))
  const page = path.join(docs, 'engine-table.md')
  fs.writeFileSync(page, placed(fs.readFileSync(page, 'utf8'), table))
  for (const [name, text] of Object.entries(charts)) fs.writeFileSync(path.join(docs, name), text)
}

if (process.argv[1] && import.meta.url === pathToFileURL(fs.realpathSync(process.argv[1])).href) publish(...process.argv.slice(2))
