// The examples of sdk/examples in a server, in C++ and in C, with the clients that they are for.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import test from 'node:test'
import WebSocket from 'ws'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import { PluvPeer } from './lib/pluv-peer.mjs'
import { basePlugins, Server } from './lib/server.mjs'
import { until } from './lib/wait.mjs'

const example = (kind, language) => `${process.env.FRESHET_EXAMPLES}/my-${kind}${language === 'C' ? '-c' : ''}.so`

async function serve (t, plugins) {
  const server = await Server.start({ base: { ...basePlugins }, plugins })
  t.after(() => server.stop())
  return server
}

// A client of my-protocol, as docs/plugins/protocol.md has it.
function client (url) {
  const doc = new Y.Doc()
  const heard = []
  const socket = new WebSocket(url)
  socket.binaryType = 'arraybuffer'
  const say = (kind, bytes) => socket.send(new Uint8Array([kind.charCodeAt(0), ...bytes]))
  socket.onmessage = ({ data }) => {
    const [kind, ...rest] = new Uint8Array(data)
    if (String.fromCharCode(kind) === 'u') Y.applyUpdate(doc, new Uint8Array(rest), 'server')
    else heard.push(String.fromCharCode(kind) + new TextDecoder().decode(new Uint8Array(rest)))
  }
  socket.onopen = () => say('u', Y.encodeStateAsUpdate(doc))
  doc.on('update', (update, origin) => { if (origin !== 'server') say('u', update) })
  return { doc, heard, socket, text: doc.getText('text'), say: (kind, text) => say(kind, new TextEncoder().encode(text)) }
}

for (const language of ['C++', 'C']) {
  test(`the auth example in ${language} lets in who knows the secret, and nobody else`, async t => {
    const secret = 'a-secret-of-people'
    const server = await serve(t, { [example('auth', language)]: { secret } })
    const url = `ws://127.0.0.1:${server.port}/yjs`
    const doc = new Y.Doc()
    const provider = new WebsocketProvider(url, 'hall', doc,
      { WebSocketPolyfill: WebSocket, disableBc: true, params: { token: secret, name: 'Ann' } })
    t.after(() => { provider.destroy(); doc.destroy() })
    await until('it is synced', () => provider.synced)

    const stranger = new WebSocket(`${url}/hall?token=no-secret-of-people`)
    const [code] = await once(stranger, 'close')
    assert.equal(code, 4401)
  })

  test(`the app example in ${language} is a chat for clients of pluv`, async t => {
    const server = await serve(t, { 'protocol-pluv': {}, [example('app', language)]: { kept: 2 } })
    const [ann, bob] = ['ann', 'bob'].map(name =>
      new PluvPeer({ url: `ws://127.0.0.1:${server.port}/pluv/hall`, name, room: 'hall', user: null }))
    t.after(() => [ann, bob].forEach(peer => peer.socket.terminate()))
    for (const peer of [ann, bob]) await until(`${peer.name} is in the room`, () => peer.id)
    const said = { text: 'hello', by: null }
    const heardBy = peer => peer.events.map(({ type, data }) => [type, data])

    ann.send('{"type":"say","data":{"text":"hello"}}')
    await until('both hear it', () => ann.events.length > 0 && bob.events.length > 0)
    bob.send('{"type":"recall","data":{}}')
    await until('it is recalled', () => bob.events.length > 1)
    await ann.barrier()
    assert.deepEqual(heardBy(bob), [['said', said], ['recalled', [said]]])
    assert.deepEqual(heardBy(ann), [['said', said]], 'the caller alone is answered')

    ann.send('{"type":"say","data":{"text":7}}')
    await until('it is refused', () => ann.errors.length > 0)
    assert.deepEqual([...ann.faults, ...bob.faults], [])
  })

  test(`the protocol example in ${language} shares its rooms with clients of Yjs`, async t => {
    const server = await serve(t, { [example('protocol', language)]: {} })
    const ann = client(`ws://127.0.0.1:${server.port}/my-protocol/hall`)
    const doc = new Y.Doc()
    const bob = new WebsocketProvider(`ws://127.0.0.1:${server.port}/yjs`, 'hall', doc, { WebSocketPolyfill: WebSocket, disableBc: true })
    t.after(() => { bob.destroy(); doc.destroy(); ann.socket.terminate() })
    await once(ann.socket, 'open')
    ann.text.insert(0, 'of my own wire')
    await until('bob has it', () => doc.getText('text').toString() === 'of my own wire')
    doc.getText('text').insert(0, 'and back: ')
    await until('ann has it', () => ann.text.toString() === 'and back: of my own wire')
    await until('ann is told that it is saved', () => ann.heard.some(heard => heard.startsWith('s')))

    const eve = client(`ws://127.0.0.1:${server.port}/my-protocol/hall`)
    t.after(() => eve.socket.terminate())
    await until('who comes later has all', () => eve.text.toString() === 'and back: of my own wire')
    ann.say('e', 'cheer\n{"loud":true}')
    await until('eve hears it', () => eve.heard.includes('echeer\n{"loud":true}'))
    eve.say('?', 'nonsense')
    const [code] = await once(eve.socket, 'close')
    assert.equal(code, 4400)
  })

  test(`the HTTP example in ${language} says to a room what it is posted`, async t => {
    const key = 'a-key-of-programs'
    const server = await serve(t, { [example('protocol', language)]: {}, [example('http', language)]: { key } })
    const ann = client(`ws://127.0.0.1:${server.port}/my-protocol/hall%201`)
    t.after(() => ann.socket.terminate())
    await once(ann.socket, 'open')
    const page = await fetch(`http://127.0.0.1:${server.port}/my-http`)
    assert.equal(page.status, 200)
    assert.match(await page.text(), /<h1>my-http<\/h1>/)
    const announce = (authorization, body) => fetch(`http://127.0.0.1:${server.port}/my-http/hall%201`, { method: 'POST', headers: { authorization }, body })
    assert.equal((await announce('Bearer no-key-of-programs', '1')).status, 401)
    assert.equal((await announce(`Bearer ${key}`, 'no JSON')).status, 400)
    // Whoever is not in its room yet does not hear it.
    await until('ann hears it', async () => {
      assert.equal((await announce(`Bearer ${key}`, '{"at":"noon"}')).status, 202)
      return ann.heard.includes('eannounced\n{"at":"noon"}')
    })
  })
}
