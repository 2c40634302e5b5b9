// node run.mjs ENGINE-BENCH OUT: Freshet, yjs and ywasm on the same bytes in one run.
//
// Makes the workloads of shapes.mjs, adds the recorded ones of $FRESHET_CORPORA, runs each engine on
// each in processes of their own, taking turns, and compares medians of their medians. Fails when
// Freshet ends with another text than yjs; where a peer does, or crashes, the table says so. Prints
// a table; writes OUT/results.json, OUT/chart.svg and OUT/table.md. Environment: SEED (1), SCALE (1), ROUNDS (3), ONLY (a word in a name).
import { execFile } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { chart } from './chart.mjs'
import { shapes } from './shapes.mjs'
import { writeTrace } from './trace.mjs'

const run = promisify(execFile)
const [bench, out] = process.argv.slice(2)
const { SEED = '1', SCALE = '1', ROUNDS = '3', ONLY = '', BUDGET_S = '1', FRESHET_CORPORA } = process.env
const here = import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname)
const peer = path.join(here, 'peer.mjs')

// A document of the whole takes other cases than a history.
const casesOf = name => name.endsWith('-final') ? ['load', 'encode', 'encode-cold', 'load2', 'encode2']
  : name.endsWith('-edits') ? ['edit'] : name.endsWith('-diff') ? ['diffdoc']
    : name.endsWith('-10k') ? ['merge'] : name === 'b4' || name === 'b4-paper' ? ['apply', 'typing', 'typing10'] : ['apply']

const prepare = () => {
  const folder = path.join(out, `seed-${SEED}-scale-${SCALE}`)
  // Made anew when the generator has changed.
  const ready = path.join(folder, 'ready')
  const generator = fs.readFileSync(path.join(here, 'shapes.mjs'), 'utf8')
  if (!fs.existsSync(ready) || fs.readFileSync(ready, 'utf8') !== generator) {
    console.log('writing the workloads (half a minute)')
    fs.mkdirSync(folder, { recursive: true })
    for (const [name, updates] of Object.entries(shapes(Number(SEED), Number(SCALE)))) writeTrace(path.join(folder, name + '.upd'), updates)
    fs.writeFileSync(ready, generator)
  }
  const folders = [['generated', folder]]
  if (FRESHET_CORPORA) folders.push(['recorded', path.join(FRESHET_CORPORA, 'traces')])
  return folders.flatMap(([kind, from]) => fs.readdirSync(from).filter(name => name.endsWith('.upd')).sort()
    .flatMap(name => casesOf(path.basename(name, '.upd')).map(c => ({ kind, file: path.join(from, name), name: path.basename(name, '.upd'), case: c }))))
    .filter(job => `${job.case} ${job.name}`.includes(ONLY))
}

const engines = {
  freshet: (c, file) => [bench, [c, file]],
  yjs: (c, file) => [process.execPath, [peer, 'yjs', c, file]],
  ywasm: (c, file) => [process.execPath, [peer, 'ywasm', c, file]]
}

const median = numbers => [...numbers].sort((a, b) => a - b)[numbers.length >> 1]

const measure = async job => {
  const lines = Object.fromEntries(Object.keys(engines).map(name => [name, []]))
  const wrong = {}
  for (let round = 0; round < Number(ROUNDS); round++) {
    for (const [name, command] of Object.entries(engines)) {
      if (wrong[name]) continue
      let stdout
      try {
        ({ stdout } = await run(...command(job.case, job.file), { env: { ...process.env, BUDGET_S } }))
      } catch (error) {
        if (name === 'freshet') throw error
        wrong[name] = 'crashes'
        continue
      }
      const fields = Object.fromEntries(stdout.trim().split(' ').map(field => field.split('=')))
      if (fields.unsupported !== '1') lines[name].push(fields)
    }
  }
  const row = { kind: job.kind, case: job.case, file: job.name, ops: Number(lines.freshet[0].ops), ns: {}, check: {}, wrong }
  for (const [name, [first]] of Object.entries(lines)) {
    if (first?.check) row.check[name] = `${first.check}/${first.textlen}`
  }
  for (const name of ['freshet', 'ywasm']) {
    if (!row.check.yjs || !row.check[name] || row.check[name] === row.check.yjs) continue
    wrong[name] = 'other text'
  }
  for (const [name, all] of Object.entries(lines)) {
    if (all.length > 0 && !wrong[name]) row.ns[name] = median(all.map(line => Number(line.ns)))
  }
  return row
}

const three = n => n >= 100 ? Math.round(n).toLocaleString('en') : n.toPrecision(3)
const time = ns => ns === undefined ? '–' : ns >= 1e6 ? `${three(ns / 1e6)} ms` : `${three(ns / 1e3)} µs`
const times = ratio => ratio === undefined || Number.isNaN(ratio) ? '–' : `${ratio >= 10 ? Math.round(ratio) : ratio.toFixed(1)}×`

const table = rows => ['| case | workload | updates | Freshet | yjs | ywasm | yjs / Freshet | ywasm / Freshet |', '|-|-|-:|-:|-:|-:|-:|-:|',
  ...rows.map(({ case: c, file, ops, ns, wrong }) => `| ${c} | ${file} | ${ops.toLocaleString('en')} | ${time(ns.freshet)} | ${wrong.yjs ?? time(ns.yjs)} | ${wrong.ywasm ?? time(ns.ywasm)} | ${times(ns.yjs / ns.freshet)} | ${times(ns.ywasm / ns.freshet)} |`)].join('\n')

const versionOf = name => JSON.parse(fs.readFileSync(path.join(here, 'node_modules', name, 'package.json'))).version
const machine = `${os.cpus().length} cores of ${os.cpus()[0].model}, ${Math.round(os.totalmem() / 2 ** 30)} GB, Node ${process.versions.node}, yjs ${versionOf('yjs')}, ywasm ${versionOf('ywasm')}, ${new Date().toISOString().slice(0, 10)}`

const jobs = prepare()
const rows = []
for (const job of jobs) {
  const row = await measure(job)
  rows.push(row)
  const n = row.ns
  console.log(`${row.case.padEnd(12)}${row.file.padEnd(20)} freshet ${time(n.freshet).padStart(9)}   yjs ${times(n.yjs / n.freshet).padStart(6)}   ywasm ${times(n.ywasm / n.freshet).padStart(6)}${Object.entries(row.wrong).map(([name, how]) => `   ${name}: ${how}`).join('')}`)
}
const each = row => row.ns.freshet / row.ops
for (const ten of rows.filter(row => row.case === 'typing10')) {
  const one = rows.find(row => row.case === 'typing' && row.file === ten.file)
  if (one) console.log(`a keystroke costs ${three(each(ten))} ns in a document of ten ${ten.file}, ${times(each(ten) / each(one))} of that in one`)
}
const wrong = rows.filter(row => row.wrong.freshet)
fs.writeFileSync(path.join(out, 'results.json'), JSON.stringify({ machine, seed: Number(SEED), scale: Number(SCALE), rounds: Number(ROUNDS), rows }, null, 1) + '\n')
// What anybody can repeat; the table has the recorded ones, too.
fs.writeFileSync(path.join(out, 'chart.svg'), chart(rows.filter(row => row.kind === 'generated'), machine))
fs.writeFileSync(path.join(out, 'table.md'), `${table(rows)}\n\nMedians of ${ROUNDS} processes each, taking turns. ${machine}.\n`)
console.log(`\n${table(rows)}\n\n${machine}\n${path.join(out, 'results.json')}, chart.svg, table.md`)
const compared = rows.filter(row => row.check.freshet && row.check.yjs).length
console.log(wrong.length ? `Freshet ended ${wrong.length} workloads with another text than yjs` : `Freshet and yjs end with the same text in all ${compared} cases that end with one`)
process.exit(wrong.length ? 1 : 0)
