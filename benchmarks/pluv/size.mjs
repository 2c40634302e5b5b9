// What one letter costs in documents of one kilobyte and of one megabyte, for the server and for
// each who receives it, compactions of the log included. Needs FRESHET_BIN.
// Environment: EDITS (12000), ROUNDS (5), RECEIVERS (3).
import fs from 'node:fs'
import { PluvPeer } from '../../tests/interop/lib/pluv-peer.mjs'
import { Server } from '../../tests/interop/lib/server.mjs'
import { until } from '../../tests/interop/lib/wait.mjs'

const { EDITS = '12000', ROUNDS = '5', RECEIVERS = '3' } = process.env
const edits = Number(EDITS)
const sizes = [1_000, 1_000_000]
const base64 = bytes => Buffer.from(bytes).toString('base64')
const median = numbers => [...numbers].sort((a, b) => a - b)[numbers.length >> 1]

// Nanoseconds on a processor, of all its threads.
const busy = pid => fs.readdirSync(`/proc/${pid}/task`).reduce((sum, task) =>
  sum + Number(fs.readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]), 0)

const enter = async (server, room, name) => {
  const peer = new PluvPeer({ url: `ws://127.0.0.1:${server.port}/pluv/${room}`, name, room, user: null })
  await until(`${name} is registered`, () => peer.id)
  peer.send(JSON.stringify({ type: '$initializeSession', data: { presence: {}, update: null } }))
  await until(`${name} has the document`, () => peer.storage)
  peer.send(JSON.stringify({ type: '$updateStorage', data: { origin: '$initialized', update: null } }))
  await peer.barrier()
  return peer
}

const measure = async (server, room, size) => {
  const writer = await enter(server, room, 'writer')
  const updates = []
  writer.doc.on('update', update => updates.push(update))
  const text = writer.doc.getText('t')
  const write = () => updates.splice(0).forEach(update =>
    writer.send(JSON.stringify({ type: '$updateStorage', data: { origin: 'edit', update: base64(update) } })))
  text.insert(0, 'the quick brown fox. '.repeat(Math.ceil(size / 21)).slice(0, size))
  write()
  await writer.barrier()
  const readers = []
  for (let i = 0; i < Number(RECEIVERS); i++) readers.push(await enter(server, room, `reader ${i}`))
  let bytes = 0
  readers.forEach(reader => reader.socket.on('message', data => { bytes += data.length }))
  let at = 12345
  const edit = async count => {
    for (let i = 0; i < count; i++) text.insert((at = (at * 48271) % 2147483647) % text.length, 'x')
    const before = busy(server.process.pid)
    bytes = 0
    write()
    await until('all have all', () => readers.every(reader => reader.doc.getText('t').length === text.length), { withinMs: 60_000 })
    return busy(server.process.pid) - before
  }
  // Until the document itself has become a snapshot, which happens once.
  await edit(1000)
  await new Promise(resolve => setTimeout(resolve, 500))
  const ns = await edit(edits)
  for (const peer of [writer, ...readers]) {
    if (peer.faults.length > 0) throw new Error(peer.faults[0])
    peer.socket.close()
  }
  return { ns: ns / edits, bytes: bytes / edits / readers.length }
}

const server = await Server.start({ plugins: { 'protocol-pluv': {} } })
try {
  const results = sizes.map(() => [])
  for (let round = 0; round < Number(ROUNDS); round++) {
    for (const [i, size] of sizes.entries()) results[i].push(await measure(server, `r${round}-${size}`, size))
  }
  const [small, large] = results.map(all => ({ ns: median(all.map(r => r.ns)), bytes: median(all.map(r => r.bytes)) }))
  for (const [i, { ns, bytes }] of [small, large].entries()) {
    console.log(`${sizes[i].toLocaleString('en').padStart(9)} bytes: ${(ns / 1000).toFixed(1)} µs of the server an edit, ${bytes.toFixed(0)} bytes to each who receives it`)
  }
  console.log(`a document a thousand times as large: ${(large.ns / small.ns).toFixed(2)}× the time, ${(large.bytes / small.bytes).toFixed(2)}× the bytes (${edits} edits, ${RECEIVERS} receivers, medians of ${ROUNDS})`)
} finally {
  await server.stop()
}
