// The backend of examples/webhook-backend and the manifest that goes with it, as its README has
// them run.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createHmac, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { fileURLToPath } from 'node:url'
import * as Y from 'yjs'
import { PluvPeer } from './lib/pluv-peer.mjs'
import { freePort } from '../ports/free-port.mjs'
import { Server } from './lib/server.mjs'
import { oneLine, until } from './lib/wait.mjs'

const example = fileURLToPath(new URL('../../examples/webhook-backend/', import.meta.url))
const base64 = bytes => Buffer.from(bytes).toString('base64')
const variables = {
  FRESHET_WEBHOOK_SECRET: 'a'.repeat(64), FRESHET_API_KEY: 'b'.repeat(64), FRESHET_TOKEN_SECRET: 'c'.repeat(64)
}

class ExampleBackend {
  async start (folder, port, freshet) {
    Object.assign(this, { port, log: '' })
    this.process = spawn('node', [join(example, 'backend.mjs')], {
      cwd: folder, env: { ...process.env, ...variables, PORT: String(port), FRESHET_URL: freshet }
    })
    this.ended = once(this.process, 'exit')
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream.setEncoding('utf8').on('data', text => { this.log += text })
    }
    await until('the backend listens', () => {
      if (this.process.exitCode !== null) throw new Error(oneLine(this.log))
      return this.log.includes('listening on')
    })
    return this
  }

  async stop (signal = 'SIGKILL') {
    if (this.process.exitCode === null && this.process.signalCode === null) this.process.kill(signal)
    await this.ended
  }

  async ask (method, path, body) {
    const answer = await fetch(`http://127.0.0.1:${this.port}${path}`, { method, body: body && JSON.stringify(body) })
    return { status: answer.status, ...await answer.json() }
  }

  // As pluv's client asks: the body of the answer is the token.
  async login (body) {
    const answer = await fetch(`http://127.0.0.1:${this.port}/login`, { method: 'POST', body: JSON.stringify(body) })
    assert.equal(answer.status, 200)
    return (await answer.text()).trim()
  }

  // As Freshet tells it.
  async tell (event) {
    const body = JSON.stringify({ id: randomUUID(), time: Date.now(), ...event })
    const time = Math.floor(Date.now() / 1000)
    const mac = createHmac('sha256', variables.FRESHET_WEBHOOK_SECRET).update(`${time}.${body}`).digest('hex')
    const answer = await fetch(`http://127.0.0.1:${this.port}/freshet`, { method: 'POST', body, headers: { 'x-freshet-signature': `t=${time},v1=${mac}` } })
    return { status: answer.status, ...await answer.json() }
  }

  // What it would give a Freshet that does not know the room.
  async document (room) {
    const { storage } = await this.tell({ event: 'initial-storage', room, data: {} })
    const doc = new Y.Doc()
    if (storage) Y.applyUpdate(doc, Buffer.from(storage, 'base64'))
    return doc.getText('text').toString()
  }

  async visits (room) {
    return (await this.ask('GET', `/visits?room=${room}`)).visits.map(({ user, event }) => `${event} ${user}`)
  }
}

async function enter (server, backend, user, room) {
  const token = await backend.login({ user, room })
  const peer = new PluvPeer({ url: `ws://127.0.0.1:${server.port}/pluv/${room}?token=${token}`, name: user, room, user: { id: user } })
  await until(`${user} is registered`, () => peer.id)
  peer.send(JSON.stringify({ type: '$initializeSession', data: { presence: {}, update: null } }))
  await until(`${user} has the document`, () => peer.storage)
  peer.send(JSON.stringify({ type: '$updateStorage', data: { origin: '$initialized', update: base64(Y.encodeStateAsUpdate(peer.doc)) } }))
  return peer
}

async function write (peer, text) {
  const before = Y.encodeStateVector(peer.doc)
  peer.doc.getText('text').insert(0, text)
  peer.send(JSON.stringify({ type: '$updateStorage', data: { origin: 'edit', update: base64(Y.encodeStateAsUpdate(peer.doc, before)) } }))
  await peer.barrier()
}

async function leave (peer) {
  peer.gone = true
  peer.socket.close()
  await peer.closed
}

const skip = !existsSync(join(example, 'node_modules')) && 'the packages of the example are not here: ./dev test fetches them'

test('a page asks for a token as pluv does, and from its own origin', { skip }, async t => {
  const port = await freePort()
  const folder = await mkdtemp(join(tmpdir(), 'freshet-backend-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const backend = await new ExampleBackend().start(folder, port, 'http://127.0.0.1:9')
  t.after(() => backend.stop())
  const url = `http://127.0.0.1:${port}/login`
  const asked = await fetch(url, { method: 'OPTIONS', headers: { origin: 'http://localhost:5173', 'access-control-request-method': 'POST' } })
  assert.equal(asked.status, 204)
  for (const answer of [asked, await fetch(url, { method: 'POST', body: '{}' })]) {
    assert.equal(answer.headers.get('access-control-allow-origin'), 'http://localhost:5173')
  }
})

test('a document that could not be read leaves what the backend has', { skip }, async t => {
  const port = await freePort()
  const folder = await mkdtemp(join(tmpdir(), 'freshet-backend-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const backend = await new ExampleBackend().start(folder, port, 'http://127.0.0.1:9')
  t.after(() => backend.stop())
  const tell = (event, data) => backend.tell({ event, room: 'notes', data })
  assert.equal((await tell('storage-updated', { storage: 'AQID' })).status, 200)
  assert.equal((await tell('room-deleted', {})).status, 200)
  assert.equal((await tell('initial-storage', {})).storage, 'AQID')
  assert.equal((await tell('room-deleted', { storage: null })).status, 200)
  assert.equal((await tell('initial-storage', {})).storage, null)
})

test('a backend keeps rooms, through its own end and that of the store', { skip }, async t => {
  Object.assign(process.env, variables)
  const port = await freePort()
  const manifest = (await readFile(join(example, 'freshet.toml'), 'utf8')).replace('127.0.0.1:3000', `127.0.0.1:${port}`)
  const server = await Server.start({ manifest })
  t.after(() => server.stop())
  const backend = await new ExampleBackend().start(server.folder, port, `http://127.0.0.1:${server.port}`)
  t.after(() => backend.stop())

  assert.equal((await backend.ask('POST', '/freshet', { event: 'user-connected', room: 'notes' })).status, 401)
  assert.equal((await backend.ask('POST', '/login', {})).status, 400)

  const ann = await enter(server, backend, 'ann', 'notes')
  await write(ann, 'hello')
  // The backend is gone while she leaves, and hears of it later.
  await until('the backend has the first event', async () => (await backend.visits('notes')).length === 1)
  await backend.stop()
  await write(ann, 'well, ')
  await leave(ann)
  await backend.start(server.folder, port, `http://127.0.0.1:${server.port}`)
  await until('it has heard of all', async () => (await backend.visits('notes')).length === 2)
  assert.deepEqual(await backend.visits('notes'), ['user-connected ann', 'user-disconnected ann'])
  await until('it has what she wrote', async () => await backend.document('notes') === 'well, hello')
  await until('all is delivered', async () => (await server.cli('outbox', 'list')).stdout === '')

  // A new Freshet, without a store: the backend knows the room.
  assert.equal(await server.kill('SIGTERM'), 0)
  await rm(join(server.folder, 'data', 'freshet.db'))
  await server.launch()
  const bo = await enter(server, backend, 'bo', 'notes')
  assert.equal(bo.doc.getText('text').toString(), 'well, hello')

  // What is told at the end of Freshet reaches the backend before that.
  await write(bo, 'oh ')
  await leave(bo)
  assert.equal(await server.kill('SIGTERM'), 0)
  assert.equal(await backend.document('notes'), 'oh well, hello')
  assert.deepEqual([...ann.faults, ...bo.faults], [])
})
