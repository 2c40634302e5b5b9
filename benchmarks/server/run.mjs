// node run.mjs FRESHET LOAD OUT: Freshet, Hocuspocus and y-websocket under the same load.
//
// Each server for itself, freshly started, with its store on disk, on one processor, and the load
// generator on another; they take turns, and medians of the rounds are compared. `floor` is no
// server but a process that only calls send() for the same deliveries: each edit alone, or what came
// within 5 ms together. Who does not deliver is told as such and the run goes on. Writes
// OUT/results.json after each scenario and OUT/table.md; publish.mjs makes pages of them.
// Environment: ROUNDS (3), SECONDS (10), SEED (1), ONLY and SERVERS (parts of the names of scenarios
// and servers, with semicolons between them).
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { about } from './figures.mjs'
import { chosen, Ladders } from './plan.mjs'
import { endOnSignals, start, wasInterrupted } from './processes.mjs'
import { scenarios } from './scenarios.mjs'
import { servers, withServer } from './servers.mjs'
import { tables } from './table.mjs'

const [freshet, load, out] = process.argv.slice(2).map(file => path.resolve(file))
const { ROUNDS = '3', SECONDS = '10', SEED = '1', ONLY = '', SERVERS = '' } = process.env
// With one processor there is nothing to keep apart.
const [serverCpu, loadCpu] = os.cpus().length > 1 ? [0, 1] : []
// More than the generator may take for coming in, warm-up, settling and a storm.
const PATIENCE_MS = 1000 * (Number(SECONDS) + 240)

// 3: the figures are void, which they say themselves.
const measure = async options => {
  const json = path.join(out, 'one.json')
  fs.rmSync(json, { force: true })
  const args = Object.entries({ ...options, 'duration-s': SECONDS, seed: SEED, cpu: loadCpu, json })
    .filter(([, value]) => value !== undefined).map(([name, value]) => value === true ? `--${name}` : `--${name}=${value}`)
  const child = start(load, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let words = ''
  child.stderr.on('data', data => { words = (words + data).slice(-500) })
  let late = false
  const patience = setTimeout(() => { late = true; child.kill('SIGKILL') }, PATIENCE_MS)
  const code = await new Promise(resolve => {
    child.once('error', error => { words += error.message; resolve(1) })
    child.once('close', resolve)
  })
  clearTimeout(patience)
  if (late) throw new Error(`no end in ${PATIENCE_MS / 1000} s`)
  if (code !== 0 && code !== 3) throw new Error(words.trim().split('\n').pop() || 'the generator was ended')
  return JSON.parse(fs.readFileSync(json, 'utf8'))
}

const floors = [
  { name: 'floor', options: {} },
  { name: 'floor, 5 ms together', options: { 'floor-window-us': 5000 } }
].map(floor => ({ ...floor, version: '', set: () => 'only sends', isFloor: true, onlyWhereNamed: true }))

const measureFloor = (floor, scenario) =>
  measure({ ...(scenario.floor ?? scenario.options), ...floor.options, wire: 'floor', 'floor-cpu': serverCpu })
const measureServer = (server, { options }) => withServer(server, serverCpu, options, ({ port, pid }) =>
  measure({ ...options, wire: server.wire, path: server.path, at: `127.0.0.1:${port}`, 'server-pid': pid }))
const measureOf = (server, scenario) => server.isFloor ? measureFloor(server, scenario) : measureServer(server, scenario)

const shown = report => {
  const { storm, presence, server } = report
  const figures = storm
    ? `${storm.in} of ${storm.clients} in after ${storm.seconds} s, p99 ${storm.joined_ms.p99} ms, ${server.cpu_s} s of CPU`
    : report.deliveries.expected > 0
      ? `${report.deliveries.per_s} deliveries/s, p99 ${report.latency_ms.p99} ms, ${server.us_per_delivery} µs each`
      : presence.expected > 0
        ? `${presence.per_s} states/s, p99 ${report.presence_ms.p99} ms, ${server.us_per_delivery} µs each`
        : `${server.bytes_per_connection} bytes a connection`
  return `${figures}${report.void ? ', VOID' : ''}${report.complete ? '' : ', not delivered'}`
}

let all, wanted
try {
  all = chosen([...servers(freshet), ...floors], SERVERS, ({ name }) => name)
  wanted = chosen(scenarios, ONLY, ({ name }) => name)
} catch (error) {
  console.error(`bench server: ${error.message}`)
  process.exit(2)
}
const rounds = Number(ROUNDS)
const ladders = new Ladders()
const began = Date.now()
const asked = scenario => all.filter(server => !server.onlyWhereNamed || scenario.beside?.includes(server.name))
const total = wanted.reduce((sum, scenario) => sum + rounds * asked(scenario).length, 0)
let done = 0

const progress = (scenario, server, round, text) => {
  const s = (Date.now() - began) / 1000
  const rest = done > 0 ? `, some ${Math.ceil(s / done * (total - done) / 60)} min to go` : ''
  console.log(`[${done}/${total}, ${Math.round(s)} s${rest}] ${scenario.name}, ${server.name}, round ${round}: ${text}`)
}

// One round of one server; what goes wrong is its own.
const take = async (scenario, server, round, taken) => {
  done++
  if (taken.wrong) return
  try {
    const report = await measureOf(server, scenario)
    taken.reports.push(report)
    progress(scenario, server, round, shown(report))
  } catch (error) {
    if (wasInterrupted()) return
    taken.wrong = error.message.replaceAll('|', '/').replaceAll('\n', ' ')
    progress(scenario, server, round, taken.wrong)
  }
}

const rowsOf = async scenario => {
  const taken = new Map(asked(scenario).map(server => [server, { reports: [], wrong: ladders.givenUp(scenario, server.name) }]))
  for (let round = 1; round <= rounds; round++) {
    for (const [server, own] of taken) {
      await take(scenario, server, round, own)
      if (wasInterrupted()) return []
    }
  }
  return [...taken].map(([server, { reports, wrong }]) => {
    ladders.took(scenario, server.name, reports)
    const { name, kind, x, line, options } = scenario
    return { scenario: name, kind, x, line, options, server: server.name, version: server.version, store: server.store, set: server.set(options), wrong, reports }
  })
}

fs.mkdirSync(out, { recursive: true })
const results = {
  machine: `${os.cpus().length} cores of ${os.cpus()[0].model}, ${Math.round(os.totalmem() / 2 ** 30)} GB`,
  node: process.versions.node,
  date: new Date().toISOString().slice(0, 10),
  rounds,
  seconds: Number(SECONDS),
  seed: Number(SEED),
  load_average: Number(os.loadavg()[0].toFixed(1)),
  servers: all.filter(server => !server.isFloor && wanted.some(scenario => asked(scenario).includes(server))).map(({ name, version, store }) => ({ name, version, store })),
  rows: []
}
endOnSignals()
for (const scenario of wanted) {
  results.rows.push(...await rowsOf(scenario))
  if (wasInterrupted()) break
  fs.writeFileSync(path.join(out, 'results.json'), JSON.stringify(results, null, 1) + '\n')
}
fs.rmSync(path.join(out, 'one.json'), { force: true })
if (wasInterrupted()) {
  console.error(`bench server: interrupted; ${path.join(out, 'results.json')} has the scenarios that were done`)
  process.exit(130)
}
const page = `${tables(results.rows)}\n\n${about(results)}\n`
fs.writeFileSync(path.join(out, 'table.md'), page)
console.log(`\n${page}\n${Math.round((Date.now() - began) / 60_000)} min. ${path.join(out, 'results.json')}, table.md`)
