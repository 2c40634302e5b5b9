// `./dev bench cluster`: edits between nodes, what they cost, and what a server alone costs beside an older build. One table.
//
//   run.mjs SERVER LOAD OUT      environment: SECONDS (20) of each measurement, ROUNDS (5) of the last,
//                                BEFORE: another server to compare with, alone on SQLite; ONLY: latency, rooms or alone
import fs from 'node:fs'
import path from 'node:path'
import { Cluster } from '../../tests/cluster/lib/cluster.mjs'
import { alone } from './alone.mjs'
import { latency } from './latency.mjs'
import { rooms } from './rooms.mjs'

const [server, load, out] = process.argv.slice(2)
const { ONLY, BEFORE } = process.env
process.env.FRESHET_BIN = server
const wanted = part => !ONLY || ONLY === part
const three = value => Number(value.toPrecision(3))
const table = (head, rows) => [head, head.map(() => '---'), ...rows].map(row => `| ${row.join(' | ')} |`).join('\n')

// As a test has it: what is to be ended when this is over.
async function withCluster (act) {
  const ends = []
  try {
    return await act(await Cluster.start({ after: end => ends.unshift(end) }, { count: 3 }))
  } finally {
    for (const end of ends) await end()
  }
}

const parts = []
const results = {}
if (wanted('latency')) {
  results.latency = []
  for (const perSecond of [1, 50, 500]) {
    results.latency.push(await withCluster(cluster => latency(cluster.nodes, perSecond)))
    console.error(JSON.stringify(results.latency.at(-1)))
  }
  parts.push(table(['edits/s in a room', 'seen at the same node, p50 / p99 ms', 'at another, p50 / p99 ms', 'saved, p50 / p99 ms', "the database's commit, ms"],
    results.latency.map(({ perSecond, near, far, saved, commit }) =>
      [perSecond, ...[near, far, saved].map(pair => pair.map(three).join(' / ')), three(commit)])))
}
if (wanted('rooms')) {
  results.rooms = await withCluster(cluster => rooms(cluster, 200, 2000))
  const { perSecond, transactions, nodesUs, databaseUs } = results.rooms
  parts.push(table(['rooms', 'nodes', 'edits/s', 'transactions an edit', 'µs an edit, all nodes', 'µs an edit, database'],
    [[200, 3, Math.round(perSecond), three(transactions), three(nodesUs), three(databaseUs)]]))
}
if (wanted('alone')) {
  const builds = { 'this build': server, ...(BEFORE ? { before: BEFORE } : {}) }
  results.alone = await alone(load, builds, path.join(out, 'one.json'))
  parts.push(table(['alone on SQLite', 'µs an edit', 'delivered, p50 / p99 ms', 'saved, p50 ms'],
    Object.entries(results.alone).map(([name, { us, p50, p99, saved }]) => [name, three(us), `${three(p50)} / ${three(p99)}`, three(saved)])))
}
fs.mkdirSync(out, { recursive: true })
fs.writeFileSync(path.join(out, 'results.json'), JSON.stringify(results, null, 1) + '\n')
fs.writeFileSync(path.join(out, 'table.md'), parts.join('\n\n') + '\n')
console.log(parts.join('\n\n'))
