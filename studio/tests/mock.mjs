// The page with a made-up server behind it, on a port of the loopback: `npm run mock`, after `npm run build`. So the page can be
// worked on without a server, and tests see what a real one rarely shows: a key, failures, floods.
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { WebSocketServer } from 'ws'
import { hello, hollowed, outline, plugins, ranked, roomOf, roomsOf, second, storedAfter, storedInfo, updateOf } from './world.mjs'

const types = { html: 'text/html; charset=utf-8', js: 'text/javascript', css: 'text/css', svg: 'image/svg+xml' }

// What the page asks once. undefined: nothing is there.
function answerTo (method, path, query, world) {
  if (method === 'GET' && path === '/outbox') return { topics: [{ topic: 'webhook', waiting: 3, waiting_bytes: 900, dead: 2, dead_bytes: 400 }] }
  if (method === 'GET' && path === '/outbox/webhook') return { entries: [{ id: 4, key: 'notes/00001', time: Date.now() - 9000, bytes: 200, reason: 'the backend answers 500' }, { id: 9, key: 'notes/00002', time: Date.now(), bytes: 200, reason: 'timeout' }], next: null }
  if (path.startsWith('/outbox/webhook')) return { count: 1 }
  if (method === 'GET' && path === '/rooms') return storedAfter(world.rooms, query.get('after') ?? '', Number(query.get('limit')))
  if (method === 'GET' && /^\/rooms\/[^/]+$/.test(path)) return storedInfo(world.rooms, decodeURIComponent(path.slice('/rooms/'.length)))
  if (path.endsWith('/outline')) return outline
  if (path.endsWith('/json')) return { notes: 'Hello' }
  if (path.endsWith('/update')) return ''
  if (path.endsWith('/evict') || method === 'DELETE') return { closed: 1 }
  if (path === '/check/manifest') return { problems: [{ line: 3, key: 'server.listne', message: 'there is no such key; did you mean "listen"?' }] }
  if (path === '/check/token') return { valid: false, reason: 'expired', claims: { room: 'notes', exp: 1 } }
}

class Looker {
  constructor (socket, world) {
    Object.assign(this, { socket, world, watched: new Map(), timers: [] })
    this.each('server', 1000, () => second(Date.now(), world.rooms.length))
    this.each('rooms', 2000, what => ranked(world.rooms, what))
    this.each('room', 500, ({ room }) => ({ ...roomOf(room, world.people, this.written ?? 0), ...world.ofRoom }))
    this.each('plugins', 5000, () => plugins)
    this.timers.push(setInterval(() => this.write(), 16), setInterval(() => this.log(), 700), setInterval(() => this.skip(), 1000))
    socket.on('close', () => this.timers.forEach(clearInterval))
  }

  send (message) { this.socket.send(JSON.stringify(hollowed(message, this.world.hollow))) }
  each (kind, ms, make) {
    const tell = () => { if (this.watched.has(kind)) this.send({ [kind]: make(this.watched.get(kind)) }) }
    this.timers.push(setInterval(tell, ms))
    this[`tell_${kind}`] = tell
  }

  write () {
    const { room } = this.watched.get('room') ?? {}
    this.written = (this.written ?? 0) + 1
    if (room) this.send({ update: updateOf(room, this.written) })
  }

  skip () {
    const { room } = this.watched.get('room') ?? {}
    if (room) this.send({ updates_skipped: { room, updates: 1940, bytes: 46_560 } })
  }

  log () {
    const levels = ['info', 'warning', 'error', 'debug']
    const n = this.logged = (this.logged ?? 0) + 1
    if (this.watched.has('logs')) this.send({ logs: [{ at_ms: Date.now(), level: levels[n % 4], subject: 'protocol-yjs', message: `line ${n}: 203.0.113.7 is sent away with 4401: not authenticated; room "notes"` }] })
  }

  hear ({ watch, unwatch, ...what }) {
    if (unwatch) this.watched.delete(unwatch)
    if (!watch) return
    this.watched.set(watch, what)
    this[`tell_${watch}`]?.()
  }
}

// `key`: wanted of everybody. `port` 0: any. `hollow`: what is null of all it says, see hollowed(). `ofRoom`: what it says otherwise of a room.
export async function startMock ({ port = 0, key = '', hollow = '', ofRoom = {}, rooms = 20_000, people = 500, bundle = fileURLToPath(new URL('../dist', import.meta.url)) } = {}) {
  const world = { rooms: roomsOf(rooms), people, hollow, ofRoom }
  const asked = []
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'http://here')
    if (pathname === '/studio') return response.writeHead(308, { location: '/studio/' }).end()
    if (pathname.startsWith('/studio/')) {
      const name = pathname.slice('/studio/'.length) || 'studio.html'
      const body = await readFile(join(bundle, name.replaceAll('/', ''))).catch(() => null)
      return response.writeHead(body ? 200 : 404, {
        'content-type': types[name.split('.').at(-1)] ?? 'text/plain',
        'content-security-policy': "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
      }).end(body ?? 'nothing is here')
    }
    if (key && request.headers.authorization !== `Bearer ${key}`) return response.writeHead(401).end()
    asked.push(`${request.method} ${request.url}`)
    const answer = hollowed(answerTo(request.method, pathname, searchParams, world), hollow)
    response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(answer ?? { error: 'nothing is here' }))
  })
  const lookers = new Set()
  let refusal = null
  const sockets = new WebSocketServer({ server, path: '/live' })
  sockets.on('connection', socket => {
    let looker = null
    const admit = () => {
      looker = new Looker(socket, world)
      lookers.add(socket)
      looker.send({ hello: hello(rooms) })
    }
    if (refusal) return socket.close(...refusal)
    if (!key) admit()
    socket.on('message', data => {
      const message = JSON.parse(data)
      if (looker) return looker.hear(message)
      if (message.key === key) admit()
      else socket.close(4401, 'wrong key')
    })
    socket.on('close', () => lookers.delete(socket))
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${server.address().port}/studio/`,
    asked, // but for files of the page
    refuse: (code, reason) => { refusal = [code, reason] }, // whoever opens /live
    admit: () => { refusal = null },
    dropAll: () => lookers.forEach(socket => socket.terminate()),
    close: () => { server.close(); lookers.forEach(socket => socket.terminate()); server.closeAllConnections() }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { url } = await startMock({ port: Number(process.argv[2] ?? 4790), key: process.env.KEY })
  console.log(url)
}
