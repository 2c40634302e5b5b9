// node publish.mjs OUT DOCS: the results in OUT/results.json, as the pages show them. Puts the tables
// into DOCS/server-table.md and the charts beside it, and both in short into the README above DOCS.
// Of a kind of scenario that the run was not asked for stays what is there, with the day of its own run.
import fs from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { placed, standing } from '../placed.mjs'
import { chart, inBytes } from './chart.mjs'
import { about } from './figures.mjs'
import { sections, summed, TITLES } from './table.mjs'

// What did not come whole has no place in a chart: its figures are of what came.
const series = (rows, kind, of) => {
  const all = new Map()
  for (const { server, line, x, wrong, summary } of summed(rows.filter(row => row.kind === kind && row.x !== undefined))) {
    const name = `${server} ${line ?? ''}`
    if (!all.has(name)) all.set(name, { name: server, line, points: [] })
    if (!wrong && summary.complete) all.get(name).points.push([x, of(summary)])
  }
  return [...all.values()]
}

const CHARTS = {
  'server-p99.svg': ['How late an edit is at its readers, in a room of 100', 'edits', { yLabel: 'p99, ms', xLabel: 'edits a second, where all were delivered' }, summary => summary.p99],
  'server-cpu.svg': ['What a delivery costs, in a room of 100', 'edits', { yLabel: 'µs of CPU', xLabel: 'edits a second, where all were delivered' }, summary => summary.cpu],
  'server-memory.svg': ['Memory of idle connections', 'idle', { yLabel: 'of the process', xLabel: 'connections', yUnit: inBytes }, summary => summary.rest * 1e6],
  'server-document.svg': ['What an edit of one letter costs in documents of different sizes', 'document', { yLabel: 'µs of CPU', xLabel: 'size of the document', xUnit: inBytes }, summary => summary.cpuOfEdit]
}

// Name -> text of the charts that results make.
export const charts = results => Object.fromEntries(Object.entries(CHARTS).map(([name, [title, kind, axes, of]]) =>
  [name, chart({ title, ...axes, series: series(results.rows, kind, of), caption: about(results) })]).filter(([, text]) => text !== undefined))

// Title -> section.
const madeOf = results => new Map(sections(results.rows).map(([title, table]) => [title, `### ${title}\n\n${table}\n\n${about(results)}\n`]))
const thereIn = figures => new Map(figures.split(/^### /m).slice(1).map(text => [text.slice(0, text.indexOf('\n')), `### ${text.trim()}\n`]))

const link = (name, folder) => `![${CHARTS[name][0]}](${folder}${name})\n`

// README: the charts and where the rest is.
const shortly = (results, names) => `${names.map(name => link(name, 'docs/')).join('\n')}\nEach chart says of which run it is, and this is the last: ${about(results)}\n`

const replace = (file, name, made) => {
  const page = fs.readFileSync(file, 'utf8')
  fs.writeFileSync(file, placed(page, made(standing(page, name)), name))
}

export const publish = (out, docs) => {
  const results = JSON.parse(fs.readFileSync(path.join(out, 'results.json'), 'utf8'))
  const asked = new Set(results.rows.map(({ kind }) => kind))
  for (const [name, [, kind]] of Object.entries(CHARTS)) if (asked.has(kind)) fs.rmSync(path.join(docs, name), { force: true })
  for (const [name, text] of Object.entries(charts(results))) fs.writeFileSync(path.join(docs, name), text)
  const names = Object.keys(CHARTS).filter(name => fs.existsSync(path.join(docs, name)))
  replace(path.join(docs, 'server-table.md'), 'figures', there => {
    const [made, before] = [madeOf(results), thereIn(there)]
    return [...names.map(name => link(name, '')), ...TITLES.flatMap(title => made.get(title) ?? before.get(title) ?? [])].join('\n')
  })
  replace(path.join(docs, '..', 'README.md'), 'server figures', () => shortly(results, names))
}

if (process.argv[1] && import.meta.url === pathToFileURL(fs.realpathSync(process.argv[1])).href) publish(...process.argv.slice(2))
