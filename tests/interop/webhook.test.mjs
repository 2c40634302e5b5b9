// Webhooks of the real server: a backend that is down, wrong or slow, and a server that is killed.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import WebSocket from 'ws'
import * as Y from 'yjs'
import { Backend, webhookSecret } from './lib/backend.mjs'
import { PluvPeer } from './lib/pluv-peer.mjs'
import { pluvToken } from './lib/pluv-token.mjs'
import { Server } from './lib/server.mjs'
import { until } from './lib/wait.mjs'

const tokenSecret = 'a secret of the webhook tests, a long one'
const base64 = bytes => Buffer.from(bytes).toString('base64')
const stateOf = text => {
  const doc = new Y.Doc()
  doc.getText('text').insert(0, text)
  return base64(Y.encodeStateAsUpdate(doc))
}
const textOf = state => {
  const doc = new Y.Doc()
  Y.applyUpdate(doc, Buffer.from(state, 'base64'))
  return doc.getText('text').toString()
}

async function scene (t, settings = {}, limits = {}, { store = {}, platform = {}, addressBytes } = {}) {
  const backend = await Backend.start()
  t.after(() => backend.down())
  const freshet = await Server.start({
    plugins: {
      'platform-ws': platform,
      'protocol-pluv': { retry_delay_ms: 0 },
      'auth-jwt': { pluv_secret: tokenSecret },
      'app-webhook': { url: backend.url, secret: webhookSecret, retry_ms: 20, retry_max_ms: 200, ...settings },
      'store-sqlite': { path: 'freshet.db', ...store }
    },
    limits,
    addressBytes
  })
  t.after(() => freshet.stop())
  return { backend, freshet }
}

async function enter (freshet, name, room, { start = null } = {}) {
  const user = { id: name, name: `The ${name}`, n: 1.50 }
  const token = pluvToken(tokenSecret, { room, user })
  const peer = new PluvPeer({ url: `ws://127.0.0.1:${freshet.port}/pluv/${room}?token=${token}`, name, room, user })
  await until(`${name} is registered`, () => peer.id || peer.closeCode)
  if (!peer.live) return peer
  peer.send(JSON.stringify({ type: '$initializeSession', data: { presence: {}, update: start } }))
  await until(`${name} has the document`, () => peer.storage || peer.closeCode)
  return peer
}

async function leave (peer) {
  peer.gone = true
  peer.socket.close()
  await peer.closed
}

const told = (backend, room) => backend.of(room).map(({ event, data }) => `${event} ${data.user?.id ?? ''}`.trim())

test('the life of a room, in the words of pluv', async t => {
  const { backend, freshet } = await scene(t, { dialect: 'pluv' }, { linger_ms: 300 })
  backend.states.set('r', stateOf('from the backend'))
  const ann = await enter(freshet, 'ann', 'r')
  assert.equal(ann.doc.getText('text').toString(), 'from the backend')
  const bo = await enter(freshet, 'bo', 'r')
  await leave(bo)
  await leave(ann)
  await until('the room is let go', () => told(backend, 'r').includes('storage-destroyed'), { describe: () => told(backend, 'r').join(', ') })
  assert.deepEqual(told(backend, 'r'), ['user-connected ann', 'user-connected bo', 'user-disconnected bo',
    'user-disconnected ann', 'room-destroyed', 'storage-destroyed'])
  const events = backend.of('r')
  assert.deepEqual(events[0].data.user, { id: 'ann', name: 'The ann', n: 1.5 })
  for (const at of [0, 3, 5]) assert.equal(textOf(events[at].data.storage), 'from the backend', events[at].event)
  assert.deepEqual(backend.faults, [])
})

test('a room whose backend does not answer does not begin empty', async t => {
  const { backend, freshet } = await scene(t, { initial_timeout_ms: 500 })
  await backend.down()
  const early = enter(freshet, 'ann', 'r')
  await pause(1500)
  await backend.up()
  backend.states.set('r', stateOf('kept'))
  const peer = await early
  if (peer.live) await leave(peer)
  assert.equal(peer.storage, undefined, 'it was given a document nobody had')
  // As a client does: it comes again until it is let in.
  const again = await until('it is let in', async () => {
    const next = await enter(freshet, 'ann', 'r')
    return next.live && next
  }, { everyMs: 100 })
  assert.equal(again.doc.getText('text').toString(), 'kept')
  await leave(again)
})

for (const addressBytes of [400, 1024].map(MiB => MiB * 2 ** 20).concat(undefined)) {
  test(`a backend that answers without end is refused, with memory of ${addressBytes ?? 'any number of'} bytes`, async t => {
    const { backend, freshet } = await scene(t, {}, {}, { addressBytes })
    const rooms = Array.from({ length: 8 }, (_, i) => `long${i}`)
    for (const room of rooms) backend.longStates.set(room, 2 ** 30)
    backend.states.set('r', stateOf('from the backend'))
    const refused = await Promise.all(rooms.map(room => enter(freshet, 'ann', room)))
    for (const peer of refused) assert.ok(peer.closeCode && !peer.storage, `${peer.closeCode}`)
    const ann = await enter(freshet, 'ann', 'r')
    assert.equal(ann.doc.getText('text').toString(), 'from the backend', freshet.log)
    await leave(ann)
    const told = /answered with more than 67108864 bytes for the first state of room "long\d".*initial_bytes|no memory for/
    await until('the log says why', () => told.test(freshet.log), { describe: () => freshet.log })
    const peak = await freshet.peakBytes()
    t.diagnostic(`at most ${Math.round(peak / 1e6)} MB at once`)
    assert.ok(peak < 600e6, `${peak} bytes`)
  })
}

test('large first states of many rooms are read one after the other', async t => {
  const { backend, freshet } = await scene(t, { initial_total_bytes: '16 MiB', initial_bytes: '8 MiB' })
  const large = stateOf('x'.repeat(4_000_000))
  const rooms = Array.from({ length: 12 }, (_, i) => `r${i}`)
  for (const room of rooms) backend.states.set(room, large)
  const peers = await Promise.all(rooms.map(room => enter(freshet, 'ann', room)))
  for (const peer of peers) assert.equal(peer.doc.getText('text').length, 4_000_000, `${peer.closeCode}`)
  await Promise.all(peers.map(leave))
})

test('a busy room does not take the place of the others, and its document is in no outbox', async t => {
  const { backend, freshet } = await scene(t, { dialect: 'pluv' }, {}, { store: { outbox_key_max_entries: 100, outbox_max_bytes: '1 MiB' } })
  backend.states.set('busy', stateOf('x'.repeat(50_000)))
  const ann = await enter(freshet, 'ann', 'busy')
  await until('she is told of', () => told(backend, 'busy').length === 1)
  await backend.down()
  for (let round = 0; round < 20; ++round) {
    await Promise.all(Array.from({ length: 20 }, async (_, i) => leave(await enter(freshet, `p${i}`, 'busy'))))
  }
  await until('its share is used up', () => /of room "busy" is lost: .*one room may have waiting/.test(freshet.log), { describe: () => freshet.log })
  const [live, bytes] = await until('the outbox is told', async () => {
    const { stdout } = await freshet.cli('outbox', 'list')
    const lines = stdout.trim().split('\n')
    return lines.length >= 100 && [lines.length, stdout.length]
  })
  assert.equal(live, 100, `${bytes}`)
  await backend.up()
  const bo = await enter(freshet, 'bo', 'quiet')
  await until('the quiet room is told of', () => told(backend, 'quiet').includes('user-connected bo'), { describe: () => freshet.log })
  // And what came while the backend made room for more.
  await until('as much of the busy one as it may have', () => told(backend, 'busy').length >= 101)
  assert.equal(textOf(backend.of('busy').at(-1).data.storage).length, 50_000)
  assert.deepEqual(backend.faults, [])
  await leave(bo)
  await leave(ann)
})

test('a backend that is down for a while misses nothing, in order', async t => {
  const { backend, freshet } = await scene(t)
  const rooms = ['a', 'b', 'c', 'd']
  const visits = 12
  const expected = Array.from({ length: visits }, (_, i) => [`user-connected p${i}`, `user-disconnected p${i}`]).flat()
  for (const room of rooms) await leave(await enter(freshet, 'p0', room))
  await until('the first are there', () => rooms.every(room => told(backend, room).length >= 2))
  await backend.down()
  for (let i = 1; i < visits; ++i) {
      await Promise.all(rooms.map(async room => leave(await enter(freshet, `p${i}`, room))))
  }
  await pause(1000)
  await backend.up()
  const people = room => told(backend, room).filter(event => event.startsWith('user-'))
  await until('all is told', () => rooms.every(room => people(room).length >= expected.length),
    { describe: () => rooms.map(room => `${room}: ${people(room).length}`).join(' ') })
  for (const room of rooms) assert.deepEqual(people(room), expected)
  assert.deepEqual(backend.faults, [])
})

test('errors, silence and garbage are no answers', async t => {
  const { backend, freshet } = await scene(t, { dialect: 'pluv', timeout_ms: 300 })
  const bad = [{ status: 500 }, { status: 503, body: 'x'.repeat(300_000) }, { status: 429 }, null,
    { status: 200, body: '<html>' }, { status: 200, body: '{"ok":false}' }]
  backend.answer = async (body, attempt) => {
    if (attempt === bad.length + 1) await pause(1000)
    return attempt <= bad.length ? bad[attempt - 1] : { status: 200 }
  }
  await leave(await enter(freshet, 'ann', 'r'))
  const good = () => backend.of('r').filter((each, i, all) => i === 0 || each.event !== all[i - 1].event)
  await until('both are told', () => told(backend, 'r').includes('user-disconnected ann'),
    { describe: () => `${told(backend, 'r').join(', ')} of ${backend.attempts}` })
  assert.ok(backend.attempts > bad.length)
  assert.ok(good().some(each => each.event === 'user-connected'))
  assert.deepEqual(backend.faults, [])
})

test('kill -9 loses no event that was taken, and repeats only the last of a room', async t => {
  const { backend, freshet } = await scene(t)
  for (let round = 0; round < 3; ++round) {
    await leave(await enter(freshet, `known${round}`, 'r'))
    await until('it is told', () => told(backend, 'r').includes(`user-disconnected known${round}`))
    await backend.down()
    await leave(await enter(freshet, `unknown${round}`, 'r'))
    await until('the outbox has it', async () => {
      const { stdout } = await freshet.cli('outbox', 'list')
      return stdout.trim().split('\n').length === 2
    })
    await freshet.kill()
    await backend.up()
    await freshet.launch()
    await until('it is told after the restart', () => told(backend, 'r').includes(`user-disconnected unknown${round}`))
  }
  const names = [0, 1, 2].flatMap(n => [`known${n}`, `unknown${n}`])
  assert.deepEqual(told(backend, 'r').filter(event => event.startsWith('user-')),
    names.flatMap(name => [`user-connected ${name}`, `user-disconnected ${name}`]))
  assert.deepEqual(backend.faults, [])
})

test('who goes because the server stops is told of', async t => {
  const { backend, freshet } = await scene(t)
  const ann = await enter(freshet, 'ann', 'r')
  await until('she is told of', () => told(backend, 'r').length === 1)
  await backend.down()
  ann.gone = true
  assert.equal(await freshet.kill('SIGTERM'), 0)
  await backend.up()
  await freshet.launch()
  await until('her going is told of', () => told(backend, 'r').length >= 2)
  assert.deepEqual(told(backend, 'r').slice(0, 2), ['user-connected ann', 'user-disconnected ann'])
})

test('what is told at the end of the server is passed on before it', async t => {
  const { backend, freshet } = await scene(t)
  backend.answer = async () => { await pause(100); return { status: 200 } }
  for (let round = 0; round < 5; ++round) {
    const [room, name] = [`r${round}`, `ann${round}`]
    const ann = await enter(freshet, name, room, { start: stateOf('last words') })
    if (round % 2 === 0) await leave(ann)
    ann.gone = true
    assert.equal(await freshet.kill('SIGTERM'), 0)
    const events = told(backend, room)
    assert.deepEqual([events[0], events.at(-1)], [`user-connected ${name}`, 'storage-updated'], events.join(', '))
    assert.ok(events.includes(`user-disconnected ${name}`), events.join(', '))
    assert.equal(textOf(backend.of(room).at(-1).data.storage), 'last words')
    assert.doesNotMatch(freshet.log, /not passed on|not done within/)
    await freshet.launch()
  }
  assert.deepEqual(backend.faults, [])
})

for (const [ailment, ail, mend] of [
  ['is down', backend => backend.down(), backend => backend.up()],
  ['does not answer', backend => { backend.answer = () => new Promise(() => {}) }, backend => { backend.answer = () => ({ status: 200 }) }]
]) {
  test(`a backend that ${ailment} holds the end of the server for a moment, and hears of it after the restart`, async t => {
    const { backend, freshet } = await scene(t, { stop_wait_ms: 1500 })
    const ann = await enter(freshet, 'ann', 'r', { start: stateOf('last words') })
    await until('she is told of', () => told(backend, 'r').includes('user-connected ann'))
    await ail(backend)
    ann.gone = true
    const begin = performance.now()
    assert.equal(await freshet.kill('SIGTERM'), 0, freshet.log)
    const tookMs = performance.now() - begin
    t.diagnostic(`the stop took ${Math.round(tookMs)} ms`)
    assert.ok(tookMs < 8000, `${tookMs} ms, of 20 s that a stop may take`)
    assert.match(freshet.log, /stopped\n/)
    await mend(backend)
    await freshet.launch()
    await until('her going and her words are told of', () => told(backend, 'r').includes('user-disconnected ann') &&
      backend.of('r').some(each => each.event === 'storage-updated' && textOf(each.data.storage) === 'last words'),
    { describe: () => told(backend, 'r').join(', ') })
    assert.deepEqual(backend.faults, [])
  })
}

test('a backend that takes all but slowly holds the end of the server within its time', async t => {
  const { backend, freshet } = await scene(t, { parallel: 1 }, {}, { platform: { drain_ms: '3 s' } })
  backend.answer = async () => { await pause(200); return { status: 200 } }
  const visits = 20
  for (let i = 0; i < visits; ++i) await leave(await enter(freshet, `p${i}`, 'r'))
  const begin = performance.now()
  assert.equal(await freshet.kill('SIGTERM'), 0, freshet.log)
  const tookMs = performance.now() - begin
  t.diagnostic(`the stop took ${Math.round(tookMs)} ms`)
  assert.ok(tookMs > 2500 && tookMs < 3500, `${tookMs} ms`)
  assert.match(freshet.log, /app-webhook has not passed on all that it was told/)
  assert.match(freshet.log, /events left in the outbox, for the next start: \d+/)
  assert.doesNotMatch(freshet.log, /not done within/)
  await pause(300) // it is still at what it was sent last
  backend.answer = () => ({ status: 200 })
  await freshet.launch()
  await until('all is told', () => told(backend, 'r').length === 2 * visits, { describe: () => told(backend, 'r').join(', ') })
  assert.deepEqual(backend.faults, [])
})

test('a dead letter is shown, sent again, and dropped', async t => {
  const { backend, freshet } = await scene(t, { events: ['user-connected', 'user-disconnected'], refused_attempts: 2 })
  backend.answer = body => ({ status: body.event === 'user-connected' ? 422 : 200, body: 'no, thanks' })
  await leave(await enter(freshet, 'ann', 'r'))
  await until('the room goes on', () => told(backend, 'r').includes('user-disconnected ann'))
  const dead = await until('it is dead', async () => (await freshet.cli('outbox', 'dead')).stdout)
  const [topic, id, , , room, reason] = dead.trim().split('\t')
  assert.deepEqual([topic, room, reason], ['app-webhook', 'r', 'it answered 422: no, thanks'])
  assert.equal(JSON.parse((await freshet.cli('outbox', 'show', id)).stdout).event, 'user-connected')
  assert.equal((await freshet.cli('outbox', 'topics')).stdout, '0\t1\tapp-webhook\n')

  // A server that is not there is no hindrance; one that is hears of it.
  assert.equal(await freshet.kill('SIGTERM'), 0)
  assert.equal((await freshet.cli('outbox', 'dead')).stdout, dead)
  await freshet.launch()
  backend.answer = () => ({ status: 200 })
  assert.deepEqual(await freshet.cli('outbox', 'replay', id), { code: 0, stdout: '1\n', stderr: '' })
  await until('it is told', () => told(backend, 'r').includes('user-connected ann'))
  assert.equal((await freshet.cli('outbox', 'dead')).stdout, '')

  backend.answer = () => ({ status: 400 })
  await leave(await enter(freshet, 'bo', 'r'))
  await until('two are dead', async () => (await freshet.cli('outbox', 'dead', '--json')).stdout.trim().split('\n').length === 2)
  assert.equal((await freshet.cli('outbox', 'drop', '99', '--yes')).code, 4)
  assert.equal((await freshet.cli('outbox', 'drop', '--topic', 'app-webhook', '--yes')).stdout, '2\n')
  assert.equal((await freshet.cli('outbox', 'topics')).stdout, '')
})

// A certificate for 127.0.0.1 that nobody but itself vouches for.
async function selfSigned (t) {
  const folder = await mkdtemp(join(tmpdir(), 'freshet-tls-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
    '-keyout', keyFile, '-out', certFile, '-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'], { stdio: 'ignore' })
  return { certFile, key: await readFile(keyFile), cert: await readFile(certFile) }
}

test('a backend is told nothing before its certificate is trusted', async t => {
  const { certFile, ...tls } = await selfSigned(t)
  for (const trusted of [false, true]) {
    const backend = await Backend.start({ tls })
    t.after(() => backend.down())
    const freshet = await Server.start({
      plugins: {
        'app-webhook': {
          url: backend.url, secret: webhookSecret, events: ['user-connected'], retry_ms: 20, ...(trusted && { ca_file: certFile })
        }
      }
    })
    t.after(() => freshet.stop())
    const client = new WebSocket(`${freshet.url}/r`)
    await once(client, 'open')
    if (trusted) {
      await until('it is told', () => backend.events.length === 1)
    } else {
      await until('it was not trusted', () => backend.distrusted)
      assert.equal(backend.attempts, 0)
      await until('the log says why', () => /does not take events: SSL/.test(freshet.log), { describe: () => freshet.log })
    }
    client.close()
    await once(client, 'close')
    assert.deepEqual(backend.faults, [])
  }
})

test('a server whose webhook is set wrongly does not start, and says why', async t => {
  const wrong = settings => Server.start({ plugins: { 'app-webhook': settings } })
  await assert.rejects(wrong({ url: 'http://example.org/', secret: 'x' }), /plain http to another machine/)
  await assert.rejects(wrong({ url: 'https://example.org/' }), /secret: is missing; give it, or secret_file/)
  await assert.rejects(wrong({ secret: 'x' }), /plugin.settings.url/)
  await assert.rejects(wrong({ url: 'https://example.org/', secret: 'x', events: ['room-gone'] }), /there is no event "room-gone"/)
})
