// One server on SQLite, without a bus: this build, and another one beside it, in turn.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { Server } from '../../tests/interop/lib/server.mjs'
import { seconds } from './scene.mjs'

const kRounds = Number(process.env.ROUNDS ?? 5)
const median = values => [...values].sort((a, b) => a - b)[values.length >> 1]

function measured (load, server, json) {
  const { status } = spawnSync(load, ['--at', `127.0.0.1:${server.port}`, '--rooms', '50', '--clients', '4', '--writers', '2', '--edits-per-second', '20',
    '--warmup-s', '2', '--duration-s', String(seconds), '--server-pid', String(server.process.pid), '--json', json], { stdio: 'ignore' })
  if (status !== 0) throw new Error(status === 3 ? 'the load had no time of its own: others work here' : `the load ended with ${status}`)
  return JSON.parse(readFileSync(json, 'utf8'))
}

// builds: name -> server. Medians of rounds that take turns.
export async function alone (load, builds, json) {
  const figures = {}
  for (let round = 0; round < kRounds; ++round) {
    for (const [name, binary] of Object.entries(builds)) {
      process.env.FRESHET_BIN = binary
      const server = await Server.start()
      try {
        const report = measured(load, server, json)
        for (const [key, value] of Object.entries({ us: report.server.us_per_edit, p50: report.latency_ms.p50, p99: report.latency_ms.p99, saved: report.acknowledged_ms.p50 })) {
          ((figures[name] ??= {})[key] ??= []).push(value)
        }
      } finally { await server.stop() }
    }
  }
  return Object.fromEntries(Object.entries(figures).map(([name, all]) =>
    [name, Object.fromEntries(Object.entries(all).map(([key, values]) => [key, median(values)]))]))
}
