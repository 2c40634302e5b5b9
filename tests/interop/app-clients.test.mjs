// The code of docs/apps.md for clients of an app, run as it stands there, beside the chat of sdk/examples.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { HocuspocusProvider, HocuspocusProviderWebsocket } from 'hocuspocus-provider-4'
import WebSocket from 'ws'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import { PluvPeer } from './lib/pluv-peer.mjs'
import { basePlugins, Server } from './lib/server.mjs'
import { until } from './lib/wait.mjs'

const page = readFileSync(new URL('../../docs/apps.md', import.meta.url), 'utf8')
const part = page.split('## Its clients')[1].split('\n## ')[0]

// What stands behind **NAME**, as a function of what it takes for granted.
function snippet (name, ...given) {
  const code = part.split(`**${name}**`)[1]?.match(/```js\n([\s\S]*?)```/)?.[1]
  assert.ok(code, `docs/apps.md has no code for ${name}`)
  return new Function(...given, code)
}

async function serve (t) {
  const app = `${process.env.FRESHET_EXAMPLES}/my-app.so`
  const server = await Server.start({
    base: { ...basePlugins }, plugins: { 'protocol-pluv': {}, 'protocol-hocuspocus': { retry_delay_ms: 0 }, [app]: {} }
  })
  t.after(() => server.stop())
  return server
}

test('pluv: events by name', async t => {
  const server = await serve(t)
  const peer = new PluvPeer({ url: `ws://127.0.0.1:${server.port}/pluv/hall`, name: 'ann', room: 'hall', user: null })
  t.after(() => peer.socket.terminate())
  await until('ann is in the room', () => peer.id)
  // As much of a room of @pluv/client as the page uses, over the words that it says.
  const heard = {}
  const onerror = peer.onerror.bind(peer)
  peer.onerror = message => { onerror(message); heard.$error?.(message) }
  const event = new Proxy({}, { get: (_, name) => listener => { heard[name] = listener } })
  const room = {
    subscribe: { event },
    broadcast: (type, data) => peer.send(JSON.stringify({ type, data }))
  }
  const shown = []
  const told = []
  snippet('pluv', 'room', 'show', 'tell')(room, (...words) => shown.push(words), words => told.push(words))
  await until('it is said', () => peer.events.length > 0)
  peer.events.forEach(each => heard[each.type]?.(each))
  assert.deepEqual(shown, [['hello', null]])

  room.broadcast('say', { text: 7 })
  await until('it is refused', () => told.length > 0)
  assert.deepEqual(peer.faults, [])
})

test('Hocuspocus: stateless messages', async t => {
  const server = await serve(t)
  const websocketProvider = new HocuspocusProviderWebsocket({
    url: `ws://127.0.0.1:${server.port}/hocuspocus`, WebSocketPolyfill: WebSocket
  })
  const provider = new HocuspocusProvider({ websocketProvider, name: 'hall', document: new Y.Doc(), token: 'none' })
  provider.attach?.()
  t.after(() => { provider.destroy(); websocketProvider.destroy() })
  await until('it is synced', () => provider.isSynced ?? provider.synced)
  const shown = []
  const told = []
  snippet('Hocuspocus', 'provider', 'show', 'tell')(provider, (...words) => shown.push(words), words => told.push(words))
  await until('it is said', () => shown.length > 0)
  assert.deepEqual(shown, [['hello', null]])

  provider.sendStateless(JSON.stringify({ type: 'say', data: { text: 7 } }))
  await until('it is refused', () => told.length > 0)
  assert.match(told[0], /text/)
})

test('y-websocket: what an app writes is observed', async t => {
  const server = await serve(t)
  const join = () => {
    const doc = new Y.Doc()
    const provider = new WebsocketProvider(`ws://127.0.0.1:${server.port}/yjs`, 'hall', doc,
      { WebSocketPolyfill: WebSocket, disableBc: true })
    t.after(() => { provider.destroy(); doc.destroy() })
    return { doc, provider }
  }
  const [ann, bob] = [join(), join()]
  await until('both are synced', () => ann.provider.synced && bob.provider.synced)
  const shown = []
  snippet('y-websocket', 'doc', 'show')(ann.doc, notices => shown.push(notices))
  bob.doc.getArray('notices').push(['The room closes at six.'])
  await until('it is shown', () => shown.length > 0)
  assert.deepEqual(shown, [['The room closes at six.']])
})
