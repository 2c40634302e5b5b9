// Code of the docs for clients of Yjs, run as it stands there: each piece with what its page takes for granted.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { fileURLToPath } from 'node:url'
import WebSocket from 'ws'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import { codeOf, replaced } from './lib/markdown.mjs'
import { PluvPeer } from './lib/pluv-peer.mjs'
import { basePlugins, Server } from './lib/server.mjs'
import { nowSeconds, token } from './lib/token.mjs'
import { until } from './lib/wait.mjs'

const secret = 'a secret of more than thirty-two bytes, for tests'

async function serve (t, plugins = {}) {
  const server = await Server.start({ base: basePlugins, plugins })
  t.after(() => server.stop())
  return server
}

// The code as a function of what its page takes for granted. What it imports is given, too.
const asFunction = (code, ...given) => new Function(...given, code.replace(/^import .*\n/gm, ''))

// A provider of Node's, for pages that write `new WebsocketProvider(...)` as a browser has it. All end with the test.
function providers (t, made = []) {
  // With the document its awareness ends, whose timer would keep the process.
  t.after(() => made.forEach(provider => { provider.destroy(); provider.doc.destroy() }))
  return class extends WebsocketProvider {
    constructor (url, room, doc, options) {
      super(url, room, doc, { WebSocketPolyfill: WebSocket, disableBc: true, ...options })
      made.push(this)
    }
  }
}

// Two programs of the README's tour, one server; each is typed to, and what it prints is looked at.
async function notes (t, folder) {
  const self = { printed: '' }
  const child = spawn(process.execPath, ['notes.mjs'], { cwd: folder })
  child.stdout.setEncoding('utf8').on('data', text => { self.printed += text })
  child.stderr.setEncoding('utf8').on('data', text => { self.printed += text })
  const ended = once(child, 'exit')
  t.after(async () => { child.kill('SIGKILL'); await ended })
  self.type = line => child.stdin.write(line + '\n')
  self.untilPrinted = words => until(`it prints ${words}`, () => self.printed.includes(words), { describe: () => self.printed })
  return self
}

test('the tour of the README: two programs, one document, and a server that is killed', async t => {
  const server = await serve(t)
  const [, program] = /cat > notes\.mjs <<'JS'\n([\s\S]*?)^JS$/m.exec(codeOf('../README.md', 'tour'))
  await writeFile(join(server.folder, 'notes.mjs'), replaced(program, ['127.0.0.1:4747', `127.0.0.1:${server.port}`]))
  await symlink(fileURLToPath(new URL('./node_modules', import.meta.url)), join(server.folder, 'node_modules'))
  const one = await notes(t, server.folder)
  one.type('a line')
  await one.untilPrinted('--- a line\n')
  const two = await notes(t, server.folder)
  await two.untilPrinted('--- a line\n')
  await server.kill()
  one.type('while nobody serves')
  await server.launch()
  await two.untilPrinted('--- a line | while nobody serves\n')
})

test('a token that a backend makes as the page of tokens says lets in', async t => {
  const server = await serve(t, { 'auth-jwt': { secret } })
  const code = replaced(codeOf('auth-jwt.md', 'token'), ['process.env.FRESHET_AUTH_SECRET', 'secret'], ['wss://docs.example/yjs', server.url])
  // As jsonwebtoken signs.
  const jwt = { sign: (claims, key, { expiresIn }) => token(key, { ...claims, exp: nowSeconds() + 3600 * parseInt(expiresIn) }) }
  const doc = new Y.Doc()
  const made = []
  asFunction(code, 'jwt', 'secret', 'WebsocketProvider', 'doc')(jwt, secret, providers(t, made), doc)
  await until('it is let in', () => made[0].synced)
})

test('the line of the page of deployment connects with a token', async t => {
  const server = await serve(t, { 'auth-jwt': { secret } })
  const good = token(secret, { room: 'hello', user: { id: 'me' }, exp: nowSeconds() + 600 })
  const made = []
  asFunction(replaced(codeOf('deployment.md', 'deployed'), ['wss://collab.example.com/yjs', server.url]), 'WebsocketProvider', 'doc', 'token')(
    providers(t, made), new Y.Doc(), good)
  await until('it is let in', () => made[0].synced)
})

test('the module of the npm package connects', async t => {
  const server = await serve(t)
  const made = []
  asFunction(replaced(codeOf('../packaging/npm/README.md', 'npm'), ['ws://127.0.0.1:4747/yjs', server.url]), 'Y', 'WebsocketProvider')(Y, providers(t, made))
  await until('it is let in', () => made[0].synced)
})

test('a page that listens as it is told hears that its provider has given up', async t => {
  const server = await serve(t, { 'auth-jwt': { secret } })
  const Provider = providers(t)
  const provider = new Provider(server.url, 'den', new Y.Doc())
  const given = []
  const said = []
  asFunction(codeOf('front-ends.md', 'ended'), 'provider', 'showGivenUp', 'console')(provider, code => given.push(code), { info: (...words) => said.push(words) })
  await until('it is told', () => given.length > 0)
  assert.deepEqual(given, [4401])
  assert.deepEqual(said, [[4401, 'not authenticated']])
})

test('the client of an own protocol is in a room with those of Yjs', async t => {
  const server = await serve(t, { [`${process.env.FRESHET_EXAMPLES}/my-protocol.so`]: {} })
  const code = replaced(codeOf('plugins/protocol.md', 'own-protocol'), ['127.0.0.1:4747', `127.0.0.1:${server.port}`])
  const doc = new Y.Doc()
  const sockets = []
  class Socket extends WebSocket { constructor (url) { super(url); sockets.push(this) } }
  t.after(() => sockets.forEach(socket => socket.terminate()))
  asFunction(code, 'WebSocket', 'Y', 'doc')(Socket, Y, doc)
  const other = new Y.Doc()
  const Provider = providers(t)
  const bob = new Provider(server.url, 'hall', other)
  await until('bob is in', () => bob.synced)
  await until('it is connected', () => sockets[0].readyState === WebSocket.OPEN)
  doc.getText('text').insert(0, 'by an own wire')
  await until('bob has it', () => other.getText('text').toString() === 'by an own wire')
})

test('a page of pluv is told that it may only read', async t => {
  const server = await serve(t, { 'protocol-pluv': {}, 'auth-jwt': { secret } })
  const pass = token(secret, { room: 'den', user: { id: 'ann' }, permission: 'read', exp: nowSeconds() + 600 })
  const peer = new PluvPeer({ url: `ws://127.0.0.1:${server.port}/pluv/den?token=${pass}`, name: 'ann', room: 'den', user: { id: 'ann' } })
  t.after(() => peer.socket.terminate())
  await until('it is in the room', () => peer.id)
  // As much of a room of @pluv/client as the page uses, over the words that it is said.
  const heard = {}
  const onerror = peer.onerror.bind(peer)
  peer.onerror = message => { onerror(message); heard.$error?.(message) }
  const event = new Proxy({}, { get: (_, name) => listener => { heard[name] = listener } })
  const shown = []
  asFunction(codeOf('front-ends.md', 'refused-pluv'), 'room', 'showReadOnly')({ subscribe: { event } }, words => shown.push(words))
  peer.doc.getText('text').insert(0, 'NOT')
  const update = Buffer.from(Y.encodeStateAsUpdate(peer.doc)).toString('base64')
  for (const origin of ['$initialized', 'edit']) peer.send(JSON.stringify({ type: '$updateStorage', data: { origin, update } }))
  await until('it is told', () => shown.length > 0)
  assert.deepEqual(shown, ['You may only read in this room.'])
})
