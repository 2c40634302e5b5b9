// A backend that was written for Hocuspocus' webhooks hears of Freshet what it heard of Hocuspocus.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'node:test'
import { promisify } from 'node:util'
import WebSocket from 'ws'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import { backendSecret, HocuspocusBackend } from './lib/hocuspocus-backend.mjs'
import { Hocuspocus, HocuspocusClient, noHocuspocus } from './lib/hocuspocus-server.mjs'
import { Server } from './lib/server.mjs'
import { until } from './lib/wait.mjs'

const transform = fileURLToPath(new URL('./hocuspocus/transform.mjs', import.meta.url))
const prosemirrorOf = async update => JSON.parse((await promisify(execFile)(process.execPath, [transform, update])).stdout)

const all = ['connect', 'create', 'change', 'disconnect']

const wire = 'protocol-hocuspocus'
const noWire = !existsSync(join(dirname(process.env.FRESHET_BIN ?? '/'), '../plugins', wire)) && `this build has no ${wire}`

async function freshet (t, backend, more = {}) {
  const reached = { url: backend.url, secret: backendSecret }
  const server = await Server.start({
    plugins: {
      ...more,
      'auth-webhook': { ...reached, with_token: true },
      'app-webhook': { ...reached, dialect: 'hocuspocus', events: all.slice(1), retry_ms: 50, retry_max_ms: 200 }
    },
    limits: { app_storage_ms: 200, linger_ms: 200 }
  })
  t.after(() => server.stop())
  return server
}

// The same commands as a HocuspocusClient has, on the wire of y-websocket.
class YClient {
  closes = []

  static start (t, { url, room, params }) {
    const self = new YClient()
    self.doc = new Y.Doc()
    self.provider = new WebsocketProvider(url, room, self.doc, { params, WebSocketPolyfill: WebSocket, disableBc: true })
    self.provider.on('connection-close', event => { if (event) self.closes.push(event.code) })
    t.after(() => { self.provider.destroy(); self.doc.destroy() })
    return self
  }

  untilSynced () { return until('the client is synced', () => this.provider.synced, { describe: () => `closed by ${this.closes}` }) }
  xml (field) { return this.doc.getXmlFragment(field).toString() }

  paragraph (words) {
    const paragraph = new Y.XmlElement('paragraph')
    paragraph.insert(0, [new Y.XmlText(words)])
    this.doc.getXmlFragment('default').push([paragraph])
  }

  leave () { this.provider.destroy() }
}

const first = {
  default: {
    type: 'doc',
    content: [
      { type: 'heading', attrs: { level: 2 }, content: [{ type: 'text', text: 'Plans' }] },
      {
        type: 'paragraph',
        content: [
          { type: 'text', text: 'from ' }, { type: 'text', text: 'the backend', marks: [{ type: 'bold' }, { type: 'italic' }] },
          { type: 'hardBreak' }, { type: 'text', text: 'é😀' }
        ]
      },
      { type: 'bulletList', content: [{ type: 'listItem', content: [{ type: 'paragraph', content: [{ type: 'text', text: 'one' }] }] }] },
      { type: 'paragraph' }
    ]
  }
}
const context = { id: 'ann', name: 'Ann', teams: [1, 2.5] }

test('one backend hears the same of both, and is understood by both', { skip: noHocuspocus }, async t => {
  const backend = await HocuspocusBackend.start(t)
  backend.answers = { connect: () => ({ body: context }), create: () => ({ body: first }) }

  const hocuspocus = await Hocuspocus.start(t, { webhook: { url: backend.url, secret: backendSecret, events: all, debounce: 100 } })
  const theirs = HocuspocusClient.start(t, { url: `${hocuspocus.url}?who=ann&x=a+b%20c`, room: 'plans' })
  await theirs.untilSynced()
  const theirFirst = await theirs.do('xml', 'default')
  await theirs.do('paragraph', 'typed')
  await until('Hocuspocus tells of the change', () => backend.of('change', 'plans').length > 0)
  await theirs.do('leave')
  await until('and of the end', () => backend.of('disconnect', 'plans').length > 0)
  const theirEvents = backend.requests
  backend.requests = []

  const server = await freshet(t, backend)
  const ours = YClient.start(t, { url: server.url, room: 'plans', params: { who: 'ann', x: 'a b c' } })
  await ours.untilSynced()
  assert.equal(ours.xml('default'), theirFirst, 'the first state')
  ours.paragraph('typed')
  const typed = async () => {
    const change = backend.of('change', 'plans').at(-1)
    return change?.storage && JSON.stringify(await prosemirrorOf(change.storage)).includes('typed')
  }
  await until('Freshet tells of the change', typed, { describe: () => server.log })
  ours.leave()
  await until('and of the end', () => backend.of('disconnect', 'plans').length > 0)

  const last = (events, name) => events.filter(each => each.event === name).at(-1).payload
  for (const name of ['connect', 'create', 'disconnect']) {
    const [a, b] = [last(theirEvents, name), last(backend.requests, name)]
    assert.deepEqual(Object.keys(b).sort(), Object.keys(a).sort(), name)
    assert.equal(b.documentName, a.documentName)
    assert.deepEqual(b.context, a.context, name)
  }
  const [a, b] = [last(theirEvents, 'connect'), last(backend.requests, 'connect')]
  assert.deepEqual(b.requestParameters, a.requestParameters)
  assert.deepEqual(a.requestHeaders, {}, 'version 4 of theirs has no words for headers')
  assert.equal(b.requestHeaders.upgrade.toLowerCase(), 'websocket', 'version 3 had them so')

  const { document, ...rest } = last(theirEvents, 'change')
  const { storage, ...ourRest } = last(backend.requests, 'change')
  assert.deepEqual(await prosemirrorOf(storage), document, 'the document, once it is made ProseMirror\'s JSON')
  assert.deepEqual(Object.keys(ourRest).sort(), Object.keys(rest).sort())
  assert.deepEqual(ourRest.context, rest.context)
  assert.deepEqual(backend.faults, [])
})

test('whom the backend refuses is refused by both', { skip: noHocuspocus }, async t => {
  const backend = await HocuspocusBackend.start(t)
  backend.answers.connect = () => ({ status: 403, body: { no: 'thanks' } })
  const hocuspocus = await Hocuspocus.start(t, { webhook: { url: backend.url, secret: backendSecret, events: all } })
  const theirs = HocuspocusClient.start(t, { url: hocuspocus.url, room: 'plans' })
  await theirs.until('it is refused', state => state.refused)
  const server = await freshet(t, backend)
  const ours = YClient.start(t, { url: server.url, room: 'plans' })
  await until('it is refused', () => ours.closes.length > 0)
  assert.equal(ours.closes[0], 4403)
  assert.ok(!ours.provider.synced)
  assert.deepEqual(backend.faults, [])
})

test('a backend that is down lets nobody in, and hears later what it missed', async t => {
  const backend = await HocuspocusBackend.start(t)
  backend.answers.connect = () => ({ body: context })
  const server = await freshet(t, backend)
  const ann = YClient.start(t, { url: server.url, room: 'plans' })
  await ann.untilSynced()
  await backend.down()
  const bob = YClient.start(t, { url: server.url, room: 'plans' })
  await until('bob is told to come again', () => bob.closes.length > 0)
  assert.ok(!bob.provider.synced)
  ann.paragraph('while it was down')
  await until('the change waits', async () => /\bapp-webhook\b.*\bplans\b/.test((await server.cli('outbox', 'list')).stdout),
    { describe: async () => (await server.cli('outbox', 'list')).stdout })
  await server.kill()
  await backend.up()
  await server.launch()
  await until('it is told after a kill -9, too', () => backend.of('change', 'plans').length > 0)
  const { storage, context: who } = backend.of('change', 'plans').at(-1)
  assert.match(JSON.stringify(await prosemirrorOf(storage)), /while it was down/)
  assert.deepEqual(who, context, 'in the name of who typed it')
  await bob.untilSynced()
  assert.deepEqual(backend.faults, [])
})

test('a provider of Hocuspocus is asked about, let in and told of as at home', { skip: noHocuspocus || noWire }, async t => {
  const backend = await HocuspocusBackend.start(t)
  backend.answers = {
    connect: ({ token }) => token === 'good' ? { body: context } : { status: 403 },
    create: () => ({ body: first })
  }
  const server = await freshet(t, backend, { [wire]: {} })
  const url = `ws://127.0.0.1:${server.port}/hocuspocus?who=ann`
  const stranger = HocuspocusClient.start(t, { url, room: 'plans', token: 'bad' })
  await stranger.until('it is refused', state => state.refused)
  const ann = HocuspocusClient.start(t, { url, room: 'plans', token: 'good' })
  await ann.untilSynced()
  assert.match(await ann.do('xml', 'default'), /<bold>|the backend/)
  await ann.do('paragraph', 'typed')
  await ann.untilSynced()
  await until('the change is told', () => backend.of('change', 'plans').length > 0)
  assert.deepEqual(backend.of('change', 'plans')[0].context, context)
  assert.deepEqual(backend.of('connect', 'plans').at(-1).requestParameters, { who: 'ann' })
  await ann.do('leave')
  await until('and that she has gone', () => backend.of('disconnect', 'plans').length > 0)
  assert.deepEqual(backend.faults, [])
})
