// What the measurements share: nodes on a PostgreSQL of their own, pluv clients that count, and what a process has used.
import fs from 'node:fs'
import { get } from 'node:http'
import { join } from 'node:path'
import { PluvPeer } from '../../tests/interop/lib/pluv-peer.mjs'
import { until } from '../../tests/interop/lib/wait.mjs'

export const base64 = bytes => Buffer.from(bytes).toString('base64')
export const seconds = Number(process.env.SECONDS ?? 20)

// Nanoseconds on a processor, of all threads of a process.
export const busyNs = pid => fs.readdirSync(`/proc/${pid}/task`).reduce((sum, task) =>
  sum + Number(fs.readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]), 0)

// Of PostgreSQL and all that it forked. A process that ends meanwhile is not counted.
export function busyNsOfTree (pid) {
  const children = fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean)
  return [pid, ...children].reduce((sum, each) => {
    try { return sum + busyNs(each) } catch { return sum }
  }, 0)
}

export async function metric (node, name) {
  const text = await new Promise((resolve, reject) => {
    get({ socketPath: join(node.folder, 'admin.sock'), path: '/metrics' }, response => {
      let all = ''
      response.setEncoding('utf8').on('data', part => { all += part }).on('end', () => resolve(all))
    }).on('error', reject)
  })
  return Number(text.match(new RegExp(`^${name} (\\S+)`, 'm'))?.[1] ?? NaN)
}

export class Samples {
  values = []
  add (ms) { this.values.push(ms) }
  at (share) {
    const sorted = [...this.values].sort((a, b) => a - b)
    return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN
  }

  get p50 () { return this.at(0.5) }
  get p99 () { return this.at(0.99) }
}

export async function enter (node, room, name) {
  const peer = new PluvPeer({ url: `ws://127.0.0.1:${node.port}/pluv/${room}?acks=1`, name, room, user: null })
  await until(`${name} is registered`, () => peer.id, { withinMs: 60_000 })
  peer.send(JSON.stringify({ type: '$initializeSession', data: { presence: {}, update: null } }))
  await until(`${name} has the document`, () => peer.storage, { withinMs: 60_000 })
  peer.send(JSON.stringify({ type: '$updateStorage', data: { origin: '$initialized', update: '' } }))
  await peer.barrier()
  return peer
}

// Calls `act` so many times a second, for so long; what was late is made up for at once.
export async function paced (perSecond, act, forSeconds = seconds) {
  const from = performance.now()
  for (let done = 0; ;) {
    const passed = performance.now() - from
    if (passed > forSeconds * 1000) return done
    for (const due = Math.floor(passed * perSecond / 1000); done < due; ++done) act(done)
    await new Promise(resolve => setTimeout(resolve, 1))
  }
}
