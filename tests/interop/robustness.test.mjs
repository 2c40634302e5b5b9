// One who misbehaves, a disk that is full, a reader that does not read, a server that stops: the
// others go on.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import test from 'node:test'
import WebSocket from 'ws'
import { untilConverged } from './lib/client.mjs'
import { Server } from './lib/server.mjs'
import { until } from './lib/wait.mjs'
import { World } from './lib/world.mjs'

// The close code the server answers these bytes with, sent as they are after the handshake.
async function closeCodeAfter (world, bytes) {
  const socket = new WebSocket(`${world.server.url}/hall`)
  await once(socket, 'open')
  socket.send(bytes)
  const [code] = await once(socket, 'close')
  return code
}

const memoryMb = server =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${server.process.pid}/status`, 'utf8'))[1]) / 1024

test('bytes that do not decode end their own connection with 4400, and nobody else notices', async t => {
  const world = await World.start(t)
  const ann = await world.joinSynced('hall')
  const bob = await world.joinSynced('hall')
  await ann.do('append', 'calm')

  const hostile = {
    'no such message': [200], 'a cut message': [0], 'no such sync message': [0, 9],
    'a length beyond the end': [0, 2, 100, 1], 'a cut update': [0, 2, 3, 1, 1, 5],
    'a client id beyond 2^53': [0, 2, 12, 1, 1, 255, 255, 255, 255, 255, 255, 255, 255, 31, 0],
    'awareness that is no JSON': [1, 6, 1, 1, 1, 2, 123, 123]
  }
  for (const [what, bytes] of Object.entries(hostile)) {
    assert.equal(await closeCodeAfter(world, new Uint8Array(bytes)), 4400, what)
  }

  await bob.do('append', ' still')
  await untilConverged([ann, bob])
  assert.deepEqual((await ann.do('status')).closes, [])
  assert.deepEqual((await bob.do('status')).closes, [])
})

test('a message that is too large ends its connection with 4413', async t => {
  const world = await World.start(t, { plugins: { 'platform-ws': { message_bytes: '64 KiB' } } })
  assert.equal(await closeCodeAfter(world, new Uint8Array(70_000)), 4413)
})

test('bodies that nobody wants are answered before they come, also where memory is little', async t => {
  const world = await World.start(t, { addressBytes: 400_000_000 })
  const head = 'POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 16000000\r\n\r\n'
  const answers = await Promise.all(Array.from({ length: 120 }, async () => {
    const socket = connect(world.server.port, '127.0.0.1')
    socket.on('error', () => {}) // it closes while we still write
    t.after(() => socket.destroy())
    socket.write(head + 'x'.repeat(1 << 20))
    const [answer] = await once(socket, 'data')
    return String(answer).slice(0, 12)
  }))
  assert.deepEqual(answers, Array.from({ length: 120 }, () => 'HTTP/1.1 404'))
  assert.ok(await world.server.ready())
  assert.ok(memoryMb(world.server) < 200, `${memoryMb(world.server)} MB`)
})

test('a server to which the system gives no threads says so, and what to do', async () => {
  await assert.rejects(
    Server.start({ addressBytes: 307_200_000, plugins: { 'platform-ws': { shards: 256 } } }),
    /cannot start thread .*ask for fewer: `shards`/)
})

test('while the disk is full people go on, nothing is acknowledged, and later all of it is', async t => {
  // The limit on the length of a file is a full disk that a test can empty again.
  const world = await World.start(t, { fileBytes: 300 * 1024 })
  const ann = await world.joinSynced('hall')
  const bob = await world.joinSynced('hall')
  await ann.do('append', 'before')
  await ann.untilAcknowledged()

  await until('the store fails', async () => {
    await ann.do('append', 'x'.repeat(20_000))
    return !(await world.server.ready())
  })
  await ann.do('append', ' during')
  await until('bob sees what ann writes',
    async () => (await bob.do('view')).text.endsWith(' during'))
  assert.notEqual(await ann.do('unacknowledged'), 0)

  execFileSync('prlimit', ['--pid', String(world.server.process.pid), '--fsize=unlimited:unlimited'])

  await ann.untilAcknowledged({ withinMs: 30_000 })
  await until('the server is ready again', () => world.server.ready())
  await world.server.kill('SIGKILL')
  await ann.do('offline')
  await bob.do('offline')
  await world.server.launch()
  const cat = await world.joinSynced('hall')
  await untilConverged([ann, bob, cat])
})

test('readers that stand still cost bounded memory each, and catch up', async t => {
  const world = await World.start(t)
  const ann = await world.joinSynced('hall')
  const slow = await world.joinSynced('hall')
  const deaf = await Promise.all(Array.from({ length: 30 }, () => openDeaf(world, t)))
  await ann.do('flood', 50, 1000)
  await ann.untilAcknowledged()
  const before = memoryMb(world.server)

  slow.freeze()
  // 60 MB of edits that leave a document of a few kB: kept for every reader, 1.8 GB.
  for (let i = 0; i < 12; ++i) {
    await ann.do('flood', 50, 100_000)
    await ann.untilAcknowledged({ withinMs: 60_000 })
  }
  const grown = memoryMb(world.server) - before
  slow.thaw()

  await untilConverged([ann, slow], { withinMs: 60_000 })
  t.diagnostic(`with ${deaf.length} deaf readers and 60 MB of edits the server grew by ${grown.toFixed(0)} MB`)
  assert.ok(grown < 400, `the server grew by ${grown} MB`)
})

// In the room, and reads nothing ever again.
async function openDeaf (world, t) {
  const socket = new WebSocket(`${world.server.url}/hall`)
  t.after(() => socket.terminate())
  await once(socket, 'message')
  socket.pause()
  return socket
}

test('a server that is told to stop closes with 1012, and clients come back to the next', async t => {
  const world = await World.start(t)
  const ann = await world.joinSynced('hall')
  await ann.do('append', 'kept')

  assert.equal(await world.server.kill('SIGTERM'), 0)
  await until('ann is disconnected', async () => !(await ann.do('status')).connected)
  assert.equal((await ann.do('status')).closes[0], 1012)
  await world.server.launch()

  await ann.untilSynced()
  const bob = await world.joinSynced('hall')
  await bob.untilText('kept')
})
