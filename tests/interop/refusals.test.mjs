// What the far end of a socket reads when the server wants nothing of it: the words beside each code.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import test from 'node:test'
import WebSocket from 'ws'
import { until } from './lib/wait.mjs'
import { World } from './lib/world.mjs'

// "code reason" of the close that comes after these messages.
async function closeAfter (world, path, ...messages) {
  const socket = new WebSocket(`ws://127.0.0.1:${world.server.port}${path}`)
  const closed = once(socket, 'close')
  await once(socket, 'open')
  for (const message of messages) socket.send(message)
  const [code, reason] = await closed
  return `${code} ${reason}`
}

// "status body" of a handshake that is answered with a page.
async function refusalOf (world, path, options) {
  const socket = new WebSocket(`ws://127.0.0.1:${world.server.port}${path}`, options)
  socket.on('error', () => {})
  const [, response] = await once(socket, 'unexpected-response')
  response.setEncoding('utf8')
  let body = ''
  for await (const text of response) body += text
  return `${response.statusCode} ${body}`
}

test('a handshake that is refused says why', async t => {
  const world = await World.start(t, { plugins: { 'platform-ws': { origins: ['https://app.example.com'] } } })

  assert.equal(await refusalOf(world, '/nowhere/hall'), '404 no protocol is at this path\n')
})

test('a page of another origin is told why by a close, which it can see', async t => {
  const world = await World.start(t, { plugins: { 'platform-ws': { origins: ['https://app.example.com'] } } })

  const socket = new WebSocket(`ws://127.0.0.1:${world.server.port}/yjs/hall`, { origin: 'https://evil.example' })
  const [code, reason] = await once(socket, 'close')

  assert.equal(`${code} ${reason}`,
    '4403 pages of this origin may not connect: `origins` of platform-ws does not name it')
})

test('a connection that is closed is told why', async t => {
  const world = await World.start(t, { plugins: { 'platform-ws': { message_bytes: '64 KiB' } } })

  assert.equal(await closeAfter(world, '/yjs/%00'), '4404 not found')
  assert.equal(await closeAfter(world, '/yjs/hall', new Uint8Array([0, 2, 3, 1, 1, 5])),
    '4400 the update does not decode')
  await until('the log tells of it', () => /protocol-yjs +127.0.0.1 is sent away with 4400: the update does not decode; room "hall"/.test(world.server.log))
  assert.equal(await closeAfter(world, '/yjs/hall', new Uint8Array(70_000)), '4413 a message of 70000 bytes, over the limit of 65536')
})

test('a connection of a server that stops is told to come back', async t => {
  const world = await World.start(t)
  const closed = closeAfter(world, '/yjs/hall')
  await world.joinSynced('hall')

  await world.server.kill('SIGTERM')

  assert.equal(await closed, '1012 the server restarts')
})
