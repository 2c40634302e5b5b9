// node run.mjs BUILD OUT [WORD...]: Freshet's engine beside others, taking turns; BUILD has engine-bench
// and crdt/crdt-player, a WORD is an engine or a part of a shape's name (choose.mjs).
//
// Two families. `edits`: each engine makes the same edits (scripts.mjs), in its own format. `bytes`:
// those that read Yjs updates get the same ones (shapes.mjs), and the recorded ones of
// $FRESHET_CORPORA. Fails when Freshet ends with another document than yjs; where another engine
// does, or gives up, its cell says so. Writes OUT/results.json, and from it what publish.mjs
// puts into docs. Environment: SEED (1), SCALE (1), ROUNDS (3), BUDGET_S and LIMIT_S as player.mjs.
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { byteJobs } from './bytes.mjs'
import { choose } from './choose.mjs'
import { editJobs } from './edits.mjs'
import { factor, METRICS } from './figures.mjs'
import { rendered } from './publish.mjs'
import { about, behindLines } from './report.mjs'

const here = import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname)
const PACKAGES = { yjs: 'yjs', y14: '@y/y', ywasm: 'ywasm', loro: 'loro-crdt', automerge: '@automerge/automerge' }
const ENGINES = ['freshet', ...Object.keys(PACKAGES)]

const [build, out, ...words] = process.argv.slice(2)
const { SEED = '1', SCALE = '1', ROUNDS = '3', BUDGET_S = '0.3', LIMIT_S = '5', FRESHET_CORPORA } = process.env

const give_up = why => { console.error(`bench crdt: ${why}`); process.exit(2) }

const packageOf = (engine, folder) => JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'))
// The version that is installed; the one asked for stands in package.json.
const versionOf = engine => {
  const wanted = packageOf(engine, here).dependencies[PACKAGES[engine]]
  let found
  try {
    found = packageOf(engine, path.join(here, 'node_modules', PACKAGES[engine])).version
  } catch {
    give_up(`the npm package ${PACKAGES[engine]} ${wanted} is not there. \`npm ci\` in ${here} fetches it; without a network, name the engines to do without it.`)
  }
  if (found !== wanted) give_up(`the npm package ${PACKAGES[engine]} is ${found}, and ${wanted} was asked for: \`npm ci\` in ${here}`)
  return found
}
const freshetVersion = () => fs.readFileSync(path.join(here, '../../meson.build'), 'utf8').match(/version: '([^']+)'/)[1]

const settings = {
  build, out, here,
  seed: Number(SEED),
  scale: Number(SCALE),
  rounds: Number(ROUNDS),
  limit_s: Number(LIMIT_S),
  corpora: FRESHET_CORPORA && path.join(FRESHET_CORPORA, 'traces'),
  env: { ...process.env, BUDGET_S, LIMIT_S }
}
const jobs = [...editJobs(settings), ...byteJobs(settings)]
let chosen
try {
  chosen = choose(words, ENGINES, jobs.map(job => job.name))
} catch (error) {
  give_up(error.message)
}
const versions = Object.fromEntries(chosen.engines.map(engine => [engine, engine === 'freshet' ? freshetVersion() : versionOf(engine)]))
const wanted = jobs.filter(job => chosen.wanted(job.name))

const progress = (row, at) => {
  const others = chosen.engines.slice(1).map(engine => row.said[engine] ? `${engine} ${row.said[engine].text}` : row.values[engine] && `${engine} ${factor(row.values[engine] / row.values.freshet)}`)
  console.log(`  ${row.metric.padEnd(12)}${at(row.values.freshet).padStart(9)}   ${others.filter(Boolean).join('   ')}`)
}

const started = Date.now()
const [load] = os.loadavg()
const rows = []
for (const [i, job] of wanted.entries()) {
  console.log(`[${i + 1}/${wanted.length}, ${Math.round((Date.now() - started) / 1000)} s] ${job.name}`)
  for (const row of await job.measure(chosen.engines)) {
    rows.push(row)
    progress(row, METRICS[row.family === 'edits' ? row.metric : 'edit'].show)
  }
}

const cpu = os.cpus()
const results = {
  engines: versions,
  machine: `${cpu.length} cores of ${cpu[0].model}, ${Math.round(os.totalmem() / 2 ** 30)} GB`,
  node: process.versions.node,
  load,
  date: new Date().toISOString().slice(0, 10),
  seed: settings.seed, scale: settings.scale, rounds: settings.rounds, limit_s: settings.limit_s,
  seconds: Math.round((Date.now() - started) / 1000),
  rows
}
const write = (name, text) => fs.writeFileSync(path.join(out, name), text)
write('results.json', JSON.stringify(results, null, 1) + '\n')
const pages = rendered(results)
for (const [name, text] of Object.entries(pages)) write(name, text)

const not = behindLines(rows)
console.log(`\n${not.length > 0 ? `Freshet is not first in ${not.length} of ${rows.length} rows:\n${not.join('\n')}` : `Freshet is first in all ${rows.length} rows`}`)
console.log(`\n${about(results)}\n${results.seconds} s. ${[...Object.keys(pages), 'results.json'].map(name => path.join(out, name)).join(' ')}`)
const wrong = rows.filter(row => row.said.freshet)
if (wrong.length > 0) console.log(`Freshet ended with another document than yjs: ${[...new Set(wrong.map(row => `${row.family} ${row.shape}`))].join(', ')}`)
process.exit(wrong.length > 0 ? 1 : 0)
