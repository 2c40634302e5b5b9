// Looking at a running server by its admin: what it sends, to whom, and what it costs nobody.
import assert from 'node:assert/strict'
import http from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import test from 'node:test'
import WebSocket from 'ws'
import { freePort } from '../ports/free-port.mjs'
import { until } from './lib/wait.mjs'
import { World } from './lib/world.mjs'

const kKey = '0123456789abcdef0123'

// One who looks; what was sent to it last, by kind, and all of it.
class Looker {
  last = {}
  all = []
  closed = null

  static async open (server, { key, port } = {}) {
    const self = new Looker()
    self.socket = port ? new WebSocket(`ws://127.0.0.1:${port}/live`) : new WebSocket(`ws+unix://${join(server.folder, 'admin.sock')}:/live`)
    self.socket.on('message', text => {
      const message = JSON.parse(text)
      self.all.push(message)
      Object.assign(self.last, message)
    })
    self.socket.on('close', (code, reason) => { self.closed = { code, reason: String(reason) } })
    await new Promise((resolve, reject) => self.socket.once('open', resolve).once('error', reject))
    if (key) self.say({ key })
    return self
  }

  say (message) { this.socket.send(JSON.stringify(message)) }
  watch (what, more = {}) { this.say({ watch: what, ...more }) }
  of (kind) { return this.all.filter(message => kind in message).map(message => message[kind]) }
  until (what, holds) { return until(what, () => holds(this.last), { withinMs: 15_000, describe: () => JSON.stringify(this.last).slice(0, 2000) }) }
}

async function look (t, server, options) {
  const looker = await Looker.open(server, options)
  t.after(() => looker.socket.terminate())
  return looker
}

// What is answered to a request whose body does not come.
function headAlone (port, header) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('data', data => { resolve(String(data)); socket.destroy() }).on('error', reject)
    socket.setTimeout(3000, () => { resolve('nothing'); socket.destroy() })
    socket.write(`POST /rooms HTTP/1.1\r\nHost: localhost\r\n${header}\r\nContent-Length: 1\r\n\r\n`)
  })
}

// Of the admin; `at`: a port, or the socket.
function ask (server, path, { method = 'GET', headers = {}, port, body = '' } = {}) {
  const to = port ? { host: '127.0.0.1', port } : { socketPath: join(server.folder, 'admin.sock') }
  return new Promise((resolve, reject) => {
    const request = http.request({ ...to, path, method, headers: { ...headers, 'content-length': Buffer.byteLength(body) } }, async answer => {
      let text = ''
      for await (const part of answer) text += part
      resolve({ status: answer.statusCode, text, json: () => JSON.parse(text) })
    })
    request.on('error', reject)
    request.end(body)
  })
}

test('the server is told each second, with the hour before', async t => {
  const { server } = await World.start(t)
  const looker = await look(t, server)
  await looker.until('hello comes', ({ hello }) => hello)
  assert.equal(looker.last.hello.history.every_ms, 10_000)
  assert.ok(looker.last.hello.history.fields.includes('commit_p99_us'))
  assert.ok(looker.last.hello.shards >= 1)
  looker.watch('server')
  await looker.until('figures come', ({ server }) => server)
  const { server: figures, hello } = looker.last
  assert.ok(figures.memory_bytes > 1_000_000, JSON.stringify(figures))
  assert.equal(figures.shard_busy.length, hello.shards)
  for (const field of hello.history.fields) assert.ok(field in figures, field)
  looker.say({ unwatch: 'server' })
  looker.watch('sky')
  await looker.until('a mistake is answered', ({ error }) => error)
  assert.match(looker.last.error.message, /one of server rooms room logs plugins/)
  assert.equal(looker.closed, null)
})

test('rooms are ranked, searched, and followed as they change', async t => {
  const world = await World.start(t)
  const ann = await world.joinSynced('notes')
  await world.joinSynced('notes')
  await world.joinSynced('plans')
  await ann.do('insert', 0, 'x'.repeat(5000))
  const looker = await look(t, world.server)
  looker.watch('rooms', { sort: 'people', limit: 1 })
  await looker.until('the one with two people is first', ({ rooms }) => rooms?.rows[0]?.people === 2)
  assert.equal(looker.last.rooms.open, 2)
  assert.equal(looker.last.rooms.rows.length, 1)
  assert.equal(looker.last.rooms.rows[0].room, 'notes')
  looker.watch('rooms', { search: 'lan' })
  await looker.until('only that one', ({ rooms }) => rooms.matched === 1)
  assert.deepEqual(looker.last.rooms.rows.map(row => [row.room, row.state]), [['plans', 'live']])
})

test('a room is told with its people, what they were told is saved, and its updates decoded', async t => {
  const world = await World.start(t)
  const ann = await world.joinSynced('notes', { presence: { name: 'ann' } })
  const looker = await look(t, world.server)
  looker.watch('room', { room: 'notes' })
  await looker.until('ann is there', ({ room }) => room?.people?.length === 1)
  await ann.do('insert', 0, 'hello')
  await looker.until('it is saved, as she was told', ({ room }) => {
    const [who] = room.people
    return room.stored.rows > 0 && who.saved === who.sent && who.on_disk === who.sent
  })
  const { room } = looker.last
  assert.equal(room.state, 'live')
  assert.match(room.epoch, /^[0-9a-f]{32}$/)
  assert.equal(room.people[0].protocol, 'protocol-yjs')
  assert.equal(room.people[0].address, '127.0.0.1')
  assert.equal(room.people[0].permission, 'read-write')
  assert.ok(room.people[0].sent > 0 && room.stored.sequence > 0)
  assert.equal(room.document.clients.length, 1)
  assert.equal(room.document.clients[0].clock, 5)
  await looker.until('her presence is there', ({ room }) => room.presence[0]?.state?.name === 'ann')
  assert.equal(looker.last.room.presence[0].session, room.people[0].session)
  const updates = looker.of('update')
  assert.ok(updates.length > 0)
  const operations = updates.flatMap(update => update.operations)
  assert.equal(operations.map(operation => operation.content ?? '').join(''), 'hello')
  assert.equal(operations[0].op, 'insert')
  assert.ok(operations[0].parent, 'the root it begins')
  await ann.do('remove', 0, 2)
  await looker.until('a deletion is told', ({ update }) => update.deletes === 1)
  assert.equal(looker.last.update.operations[0].op, 'delete')
  await world.leave(ann)
  await looker.until('she has gone', ({ room }) => room.people.length === 0)
})

test('a room that is opened only later is told from then on', async t => {
  const world = await World.start(t)
  const looker = await look(t, world.server)
  looker.watch('room', { room: 'later' })
  await looker.until('it is closed', ({ room }) => room?.state === 'closed')
  await world.joinSynced('later')
  await looker.until('it is live', ({ room }) => room.state === 'live' && room.people_total === 1)
})

test('logs come as they are written, and plugins with what is counted of them', async t => {
  const world = await World.start(t, { plugins: { 'auth-jwt': { secret: '${SECRET}' } }, env: { SECRET: 'a-secret-of-thirty-two-characters' } })
  const looker = await look(t, world.server)
  looker.watch('logs', { level: 'info' })
  looker.watch('plugins')
  await looker.until('what was before', ({ logs }) => logs?.some(line => line.message.includes('serves')))
  const nobody = new WebSocket(`${world.server.url}/notes`)
  nobody.on('error', () => {})
  t.after(() => nobody.terminate())
  await until('a refusal is told', () => looker.of('logs').flat().some(line => line.level === 'warn' && line.message.includes('is sent away')))
  await looker.until('plugins come', ({ plugins }) => plugins)
  const by = Object.fromEntries(looker.last.plugins.map(plugin => [plugin.id, plugin]))
  assert.deepEqual(by['store-sqlite'].services, ['freshet.store/0'])
  assert.equal(by['store-sqlite'].settings.path, 'freshet.db')
  assert.equal(by['auth-jwt'].settings.secret, '***')
  assert.ok(!JSON.stringify(looker.all).includes('thirty-two'))
  await looker.until('it was asked', ({ plugins }) => plugins.some(({ calls }) => calls.some(({ function: name, count }) => name === 'identify' && count > 0)))
})

test('an admin on TCP wants its key, knows its names, and no page of another site', async t => {
  const port = await freePort()
  const { server } = await World.start(t, {
    server: { admin: `127.0.0.1:${port}`, admin_key: '${KEY}', admin_hosts: ['ops.example'] },
    plugins: { 'platform-ws': { trusted_proxies: ['127.0.0.1'] } },
    env: { KEY: kKey }
  })
  const get = (path, headers = {}) => ask(server, path, { port, headers })
  const bearer = { authorization: `Bearer ${kKey}` }
  assert.equal((await get('/rooms')).status, 401)
  assert.equal((await get('/rooms', bearer)).status, 200)
  assert.equal((await get('/metrics', { authorization: 'Bearer wrong' })).status, 401)
  assert.equal((await get('/healthz')).status, 200)
  assert.equal((await get('/readyz')).status, 200)
  const rebound = await get('/rooms', { ...bearer, host: `evil.example:${port}` })
  assert.equal(rebound.status, 421)
  assert.match(rebound.text, /admin_hosts/)
  assert.equal((await get('/rooms', { ...bearer, host: 'ops.example' })).status, 200)
  assert.equal((await get('/rooms', { ...bearer, origin: 'http://127.0.0.1:1' })).status, 403)
  assert.equal((await get('/rooms', { ...bearer, origin: `http://127.0.0.1:${port}` })).status, 200)
  process.env.KEY = kKey // of the command, which reads the same manifest
  const listed = await server.cli('rooms', 'list')
  assert.deepEqual([listed.code, listed.stderr], [0, ''])

  const good = await look(t, server, { port, key: kKey })
  await good.until('hello comes', ({ hello }) => hello)
  const bad = await look(t, server, { port, key: 'wrong' })
  await until('it is sent away', () => bad.closed)
  assert.deepEqual(bad.closed, { code: 4401, reason: 'wrong key' })
  assert.deepEqual(bad.all, [])
  const eager = await look(t, server, { port })
  eager.watch('server')
  await until('so is who says none', () => eager.closed)
  assert.deepEqual([eager.closed.code, eager.all], [4401, []])
  await until('the log names it', () => server.log.includes('said a wrong admin key'))
  for (let i = 0, status = 401; status !== 429; ++i) {
    assert.ok(i < 50)
    status = (await get('/rooms', { authorization: 'Bearer wrong' })).status
  }
  assert.equal((await get('/rooms', bearer)).status, 429)
  assert.equal((await get('/rooms', { ...bearer, 'x-forwarded-for': '10.1.2.3' })).status, 429, 'by another word for itself')
  assert.match(await headAlone(port, `Authorization: Bearer ${kKey}`), /^HTTP\/1.1 429/, 'a body that is waited for tells a right key')
  const again = await look(t, server, { port, key: kKey })
  await until('nor is it told by closing', () => again.closed)
  assert.equal(again.closed.code, 4529)
})

test('those who have said no key leave room for those who have one', async t => {
  const port = await freePort()
  const { server } = await World.start(t, { server: { admin: `127.0.0.1:${port}`, admin_key: kKey } })
  for (let i = 0; i < 32; ++i) await look(t, server, { port })
  const late = await look(t, server, { port })
  await until('one more of them is sent away', () => late.closed)
  await until('they are, when their time is over', async () => {
    const good = await look(t, server, { port, key: kKey })
    await until('it is let in or not', () => good.closed || good.last.hello)
    return good.last.hello
  }, { withinMs: 15_000 })
})

test('a server on TCP without a key does not start, and says what to write', async t => {
  await assert.rejects(World.start(t, { server: { admin: '127.0.0.1:0' } }), /admin_key.*FRESHET_ADMIN_KEY/s)
})

test('the metrics listener has metrics and health, and nothing else', async t => {
  const port = await freePort()
  const { server } = await World.start(t, { server: { metrics: `127.0.0.1:${port}` } })
  const get = path => ask(server, path, { port })
  assert.match((await get('/metrics')).text, /^freshet_rooms_loaded 0$/m)
  assert.equal((await get('/healthz')).status, 200)
  assert.equal((await get('/readyz')).status, 200)
  assert.equal((await ask(server, '/metrics', { port, headers: { host: 'freshet.internal:9090' } })).status, 200)
  assert.equal((await ask(server, '/metrics', { port, headers: { origin: 'https://evil.example' } })).status, 403)
  for (const path of ['/', '/rooms', '/live', '/outbox', '/yjs/notes']) assert.equal((await get(path)).status, 404, path)
})

test('an operator closes connections, which come back, and reads a document as a tree', async t => {
  const world = await World.start(t)
  const ann = await world.joinSynced('notes')
  await ann.do('insert', 0, 'hello')
  const outline = async () => (await ask(world.server, '/rooms/notes/outline')).json()
  await until('it is stored', async () => (await ask(world.server, '/rooms/notes/outline')).status === 200 && (await outline()).roots.length === 1)
  const [root] = (await outline()).roots
  assert.deepEqual([root.kind, root.text, root.length], ['text', 'hello', 5])
  const evicted = await ask(world.server, '/rooms/notes/evict', { method: 'POST' })
  assert.deepEqual(evicted.json(), { closed: 1 })
  await until('she is back', async () => (await ask(world.server, '/rooms/notes')).json().loaded?.sessions === 1 && (await ann.do('status')).synced)
  assert.equal((await ask(world.server, '/rooms/notes/evict?session=x', { method: 'POST' })).status, 400)
})

test('manifests and tokens are checked before they are used', async t => {
  const word = 'a-word-of-the-environment'
  const { server } = await World.start(t, {
    plugins: { 'auth-jwt': { secret: 'a-secret-of-thirty-two-characters' } }, env: { WORD: word }
  })
  const curious = await ask(server, '/check/manifest', { method: 'POST', body: '[server]\nlisten = ["${WORD}"]\nadmin = "${WORD}"\nadmin_key = "${WORD}"\n' })
  assert.equal(curious.status, 200)
  assert.ok(!curious.text.includes(word), 'what a variable holds is read out')
  const wrong = '[server]\nlisten = ["nowhere"]\n[[plugin]]\nuse = "store-sqlite"\n[plugin.settings]\npth = "x"\n[[plugin]]\nuse = "store-mine"\n'
  const checked = (await ask(server, '/check/manifest', { method: 'POST', body: wrong })).json()
  assert.deepEqual(checked.unjudged, ['store-mine'])
  assert.ok(checked.problems.some(problem => problem.line === 2 && problem.key === 'server.listen'), JSON.stringify(checked))
  assert.ok(checked.problems.some(problem => problem.line === 6 && problem.message.includes('did you mean "path"')), JSON.stringify(checked))
  const made = await server.cli('token', '--user', '{"id":"ann"}', '--room', 'notes')
  assert.equal(made.code, 0, made.stderr)
  const token = (await ask(server, '/check/token', { method: 'POST', body: made.stdout })).json()
  assert.deepEqual([token.room, token.verdict.status, token.verdict.user?.id], ['notes', 'ok', 'ann'], JSON.stringify(token))
  const refused = (await ask(server, '/check/token?room=notes', { method: 'POST', body: 'nonsense' })).json()
  assert.deepEqual([refused.claims, refused.verdict.status], [null, 'unauthenticated'])
})

test('what the disk has not is told apart from what people believe', async t => {
  const world = await World.start(t, { fileBytes: 1 << 20 })
  const ann = await world.joinSynced('notes')
  const looker = await look(t, world.server)
  looker.watch('room', { room: 'notes' })
  for (let i = 0; i < 40; ++i) await ann.do('append', 'x'.repeat(50_000))
  await looker.until('some of it is unsaved, and she does not believe it saved', ({ room }) => {
    const who = room?.people?.[0]
    return who && room.unsaved.updates > 0 && room.unsaved.bytes > 50_000 && who.on_disk < who.sent && who.saved <= who.on_disk
  })
  const { ms } = looker.last.room.unsaved
  await looker.until('for longer and longer', ({ room }) => room.unsaved.ms > ms)
  looker.watch('rooms', { sort: 'unsaved' })
  await looker.until('the list says so, too', ({ rooms }) => rooms?.rows[0]?.unsaved_bytes > 50_000)
})

test('a room with many edits is told of sixty a second, and the sum of the others', async t => {
  const world = await World.start(t)
  const ann = await world.joinSynced('notes')
  const looker = await look(t, world.server)
  looker.watch('room', { room: 'notes' })
  await looker.until('it looks', ({ room }) => room?.people?.length === 1)
  const kEdits = 300
  for (let i = 0; i < kEdits; ++i) await ann.do('append', 'x')
  const sum = kind => looker.of(kind).reduce((sum, { updates = 1 }) => sum + updates, 0)
  await until('it has all of them', () => looker.last.room.document.clients[0]?.clock === kEdits, { withinMs: 15_000 })
  await until('those that were not told one by one are summed', () => sum('updates_skipped') > 0 && sum('update') + sum('updates_skipped') === kEdits,
    { withinMs: 15_000, describe: () => JSON.stringify([sum('update'), sum('updates_skipped'), looker.last.room.people]) })
  const seconds = new Map()
  for (const { at_ms: at } of looker.of('update')) seconds.set(at / 1000 | 0, (seconds.get(at / 1000 | 0) ?? 0) + 1)
  assert.ok(Math.max(...seconds.values()) <= 120, JSON.stringify([...seconds]))
})

test('so many look and no more, and who leaves makes room', async t => {
  const { server } = await World.start(t)
  const lookers = []
  for (let i = 0; i < 32; ++i) lookers.push(await look(t, server))
  const late = await look(t, server)
  await until('it is sent away, to come back', () => late.closed)
  assert.equal(late.closed.code, 4503)
  lookers[0].socket.terminate()
  await until('there is room for one', async () => {
    const next = await look(t, server)
    await until('it is let in or not', () => next.closed || next.last.hello)
    return next.last.hello
  })
})
