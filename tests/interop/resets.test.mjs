// Ten thousand connections torn down with a TCP reset, at any moment, while people write: the server
// goes on, forgets each, and does not grow.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import http from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import test from 'node:test'
import { PluvPeer } from './lib/pluv-peer.mjs'
import { Server } from './lib/server.mjs'
import { until } from './lib/wait.mjs'

const kResets = 10_000
const kAtOnce = 50

const memoryMb = server =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${server.process.pid}/status`, 'utf8'))[1]) / 1024

const handshake = [
  'GET /pluv/hall HTTP/1.1', 'Host: localhost', 'Connection: Upgrade', 'Upgrade: websocket',
  'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==', '', ''
].join('\r\n')

// A client's text frame, masked with zeros.
const frame = text => {
  const body = Buffer.from(text)
  const head = body.length < 126 ? [0x81, 0x80 | body.length] : [0x81, 0xfe, body.length >> 8, body.length & 255]
  return Buffer.concat([Buffer.from([...head, 0, 0, 0, 0]), body])
}
const joins = frame(JSON.stringify({ type: '$initializeSession', data: { presence: { n: 1 }, update: null } }))
const asks = frame(JSON.stringify({ type: '$getOthers', data: {} }))

// Where in a connection's life the reset comes.
const moments = [
  socket => socket.resetAndDestroy(),
  socket => socket.write(handshake.slice(0, 40), () => socket.resetAndDestroy()),
  socket => socket.write(handshake, () => socket.resetAndDestroy()),
  socket => socket.write(handshake, () => socket.once('data', () => socket.resetAndDestroy())),
  socket => socket.write(handshake, () => socket.once('data', () =>
    socket.write(joins.subarray(0, 20), () => socket.resetAndDestroy()))),
  socket => socket.write(handshake, () => socket.once('data', () =>
    socket.write(Buffer.concat([joins, asks]), () => socket.once('data', () => socket.resetAndDestroy()))))
]

const reset = (server, which) => new Promise(resolve => {
  const socket = connect(server.port, '127.0.0.1')
  socket.on('error', () => {})
  socket.once('close', resolve)
  socket.once('connect', () => moments[which % moments.length](socket))
})

async function resets (server, count) {
  let next = 0
  const one = async () => { while (next < count) await reset(server, next++) }
  await Promise.all(Array.from({ length: kAtOnce }, one))
}

async function enter (server, name) {
  const peer = new PluvPeer({ url: `ws://127.0.0.1:${server.port}/pluv/hall`, name, room: 'hall', user: null })
  await until(`${name} is registered`, () => peer.id)
  peer.send(JSON.stringify({ type: '$initializeSession', data: { presence: {}, update: null } }))
  await until(`${name} has the document`, () => peer.storage)
  peer.send(JSON.stringify({ type: '$updateStorage', data: { origin: '$initialized', update: null } }))
  return peer
}

const metrics = server => new Promise((resolve, reject) => {
  http.get({ socketPath: join(server.folder, 'admin.sock'), path: '/metrics' }, async answer => {
    resolve((await answer.setEncoding('utf8').toArray()).join(''))
  }).once('error', reject)
})

test('ten thousand resets under load', async t => {
  const server = await Server.start({ plugins: { 'protocol-pluv': {} } })
  t.after(() => server.stop())
  const ann = await enter(server, 'ann')
  const bob = await enter(server, 'bob')
  ann.doc.on('update', update => ann.send(JSON.stringify(
    { type: '$updateStorage', data: { origin: 'edit', update: Buffer.from(update).toString('base64') } })))
  const text = ann.doc.getText('t')
  let seen = 0
  bob.socket.on('message', data => { seen += data.includes('$userJoined') ? 1 : 0 })
  const writing = setInterval(() => text.insert(text.length, 'x'), 5)
  t.after(() => clearInterval(writing))

  await resets(server, kResets / 5)
  const before = memoryMb(server)
  await resets(server, kResets - kResets / 5)
  clearInterval(writing)
  const grown = memoryMb(server) - before
  await until('bob has all', () => bob.doc.getText('t').length === text.length)
  t.diagnostic(`${kResets} resets, ${seen} of them in the room, ${text.length} edits meanwhile; the server grew by ${grown.toFixed(1)} MB`)
  await until('nobody else is left', async () => /^freshet_sessions 2$/m.test(await metrics(server)))
  assert.ok(seen > kResets / 12, `only ${seen} of them came as far as the room`)
  assert.deepEqual([...ann.faults, ...bob.faults], [])
  assert.ok(grown < 16, `the server grew by ${grown} MB`)
})
