// node run.mjs FRESHET LOAD OUT: Freshet, Hocuspocus and y-websocket under the same load.
//
// Each server for itself, freshly started, with its store on disk, on one processor, and the load
// generator on another; they take turns, and medians of the rounds are compared. `floor` is no
// server but a process that only calls send() for the same deliveries: each edit alone, or what came
// within 5 ms together. Writes OUT/results.json and
// OUT/table.md. Environment: ROUNDS (3), SECONDS (10), SEED (1), ONLY (a word in a scenario's name).
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { scenarios } from './scenarios.mjs'
import { servers, withServer } from './servers.mjs'
import { summary, table } from './table.mjs'

const [freshet, load, out] = process.argv.slice(2).map(file => path.resolve(file))
const { ROUNDS = '3', SECONDS = '10', SEED = '1', ONLY = '' } = process.env
// With one processor there is nothing to keep apart.
const [serverCpu, loadCpu] = os.cpus().length > 1 ? [0, 1] : []

// 3: the figures are void, which they say themselves.
const measure = async options => {
  const json = path.join(out, 'one.json')
  const args = Object.entries({ ...options, 'duration-s': SECONDS, seed: SEED, cpu: loadCpu, json })
    .filter(([, value]) => value !== undefined).flatMap(([name, value]) => [`--${name}`, String(value)])
  const child = spawn(load, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let words = ''
  child.stderr.on('data', data => { words = (words + data).slice(-500) })
  const code = await new Promise(resolve => child.once('close', resolve))
  if (code !== 0 && code !== 3) throw new Error(words.trim().split('\n').pop())
  return JSON.parse(fs.readFileSync(json, 'utf8'))
}

const floors = [
  { name: 'floor', version: '', set: 'only sends', options: {} },
  { name: 'floor, 5 ms together', version: '', set: 'only sends', options: { 'floor-window-us': 5000 } }
]
const measureFloor = (floor, options) => measure({ ...options, ...floor.options, wire: 'floor', 'floor-cpu': serverCpu })
const measureServer = (server, options) => withServer(server, serverCpu, ({ port, pid }) =>
  measure({ ...options, wire: server.wire, path: server.path, at: `127.0.0.1:${port}`, 'server-pid': pid }))

const all = [...servers(freshet), ...floors]
const titleOf = server => `${server.name}${server.version ? ` ${server.version}` : ''}`

const roundsOf = async scenario => {
  const reports = new Map(all.map(server => [server, []]))
  const wrong = new Map()
  for (let round = 0; round < Number(ROUNDS); round++) {
    for (const server of all.filter(server => !wrong.has(server))) {
      try {
        const report = await (floors.includes(server) ? measureFloor(server, scenario.options) : measureServer(server, scenario.options))
        reports.get(server).push(report)
        console.log(`${scenario.name}, ${titleOf(server)}: ${report.deliveries.per_s} deliveries/s, p99 ${report.latency_ms.p99} ms, ${report.server.us_per_delivery} µs each${report.void ? ', VOID' : ''}${report.complete ? '' : ', not complete'}`)
      } catch (error) {
        if (server.name === 'Freshet') throw error
        wrong.set(server, error.message.replaceAll('|', '/'))
        console.log(`${scenario.name}, ${titleOf(server)}: ${error.message}`)
      }
    }
  }
  return all.map(server => ({
    scenario: scenario.name,
    server: titleOf(server),
    store: server.store,
    set: server.set,
    options: scenario.options,
    ...(wrong.has(server) ? { wrong: wrong.get(server) } : { summary: summary(reports.get(server)) }),
    reports: reports.get(server)
  }))
}

const machine = `${os.cpus().length} cores of ${os.cpus()[0].model}, ${Math.round(os.totalmem() / 2 ** 30)} GB, Node ${process.versions.node}, ${new Date().toISOString().slice(0, 10)}`
const load1 = () => os.loadavg()[0].toFixed(1)

fs.mkdirSync(out, { recursive: true })
const before = load1()
const rows = []
for (const scenario of scenarios.filter(({ name }) => name.includes(ONLY))) rows.push(...await roundsOf(scenario))
fs.rmSync(path.join(out, 'one.json'), { force: true })
const stores = servers(freshet).map(server => `${server.name}: ${server.store}`).join(', ')
const note = `Medians of ${ROUNDS} rounds of ${SECONDS} s, a server on one core, the generator on another. Stores on disk: ${stores}. ${machine}; load average ${before} when it began.`
fs.writeFileSync(path.join(out, 'results.json'), JSON.stringify({ machine, rounds: Number(ROUNDS), seconds: Number(SECONDS), seed: Number(SEED), load_average: Number(before), rows }, null, 1) + '\n')
fs.writeFileSync(path.join(out, 'table.md'), `${table(rows)}\n\n${note}\n`)
console.log(`\n${table(rows)}\n\n${note}\n${path.join(out, 'results.json')}, table.md`)
