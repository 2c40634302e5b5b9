// The process behind lib/client.mjs: one document, one provider, commands by message.
import * as decoding from 'lib0/decoding'
import WebSocket from 'ws'
import { WebsocketProvider as Provider3 } from 'y-websocket'
import { WebsocketProvider as Provider2 } from 'y-websocket-2'
import * as Y from 'yjs'
import { onRefused, onSaved } from './snippets.mjs'
import { Acknowledged } from './acknowledged.mjs'
import { edit } from './edits.mjs'
import { fingerprint, view } from './fingerprint.mjs'
import { Random } from './random.mjs'

const messageSync = 0
const syncStep1 = 0
const syncStep2 = 1
const syncUpdate = 2

const doc = new Y.Doc({ gc: process.env.FRESHET_CLIENT_GC !== 'off' })
const acknowledged = new Acknowledged()
// What a server said it has when we came back: it asks for the rest only, and echoes only that.
let knownClock = 0
const closes = []
const finals = []
const refusals = []
let saved = null
const seen = { connected: null, complete: null }
let provider

// Sees every frame before the provider does.
class WatchedSocket extends WebSocket {
  constructor (...args) {
    super(...args)
    this.on('message', data => watch(new Uint8Array(data)))
  }
}

function watch (frame) {
  const decoder = decoding.createDecoder(frame)
  if (decoding.readVarUint(decoder) !== messageSync) return
  const kind = decoding.readVarUint(decoder)
  if (kind === syncStep1) {
    const clocks = Y.decodeStateVector(decoding.readVarUint8Array(decoder))
    knownClock = Math.max(knownClock, clocks.get(doc.clientID) ?? 0)
  }
  if (kind !== syncStep2 && kind !== syncUpdate) return
  const { structs } = Y.decodeUpdate(decoding.readVarUint8Array(decoder))
  acknowledged.add(structs.filter(struct => !(struct instanceof Y.Skip)), doc.clientID)
}

const ownClock = () => Y.getState(doc.store, doc.clientID)

const commands = {
  open ({ url, room, params, protocols, presence, version = 3 }) {
    provider = new ({ 2: Provider2, 3: Provider3 }[version])(url, room, doc, {
      params, protocols, WebSocketPolyfill: WatchedSocket, disableBc: true, maxBackoffTime: 400
    })
    onRefused(provider, reason => refusals.push(reason))
    onSaved(provider, all => { saved = all })
    provider.on('connection-close', event => closes.push(event?.code ?? null))
    provider.on('closed', ({ code }) => finals.push(code))
    provider.on('connection-error', () => {})
    if (presence) provider.awareness.setLocalState(presence)
  },
  offline () { provider.disconnect() },
  // The line is cut: no goodbye, and it comes back by itself.
  cut () { provider.ws?._socket?.destroy() },
  reset () { provider.ws?._socket?.resetAndDestroy() },
  online () { provider.connect() },
  params (params) { provider.params = params },
  status () {
    return {
      id: doc.clientID, synced: provider.synced, connected: provider.wsconnected,
      tries: provider.shouldConnect, closes, finals, refusals, saved
    }
  },

  insert (index, text) { doc.getText('text').insert(index, text) },
  append (text) { doc.getText('text').insert(doc.getText('text').length, text) },
  remove (index, length) { doc.getText('text').delete(index, length) },
  push (value) { doc.getArray('array').push([value]) },
  set (key, value) { doc.getMap('map').set(key, value) },
  // `count` values of `bytes` each, every one in the place of the one before.
  flood (count, bytes) {
    for (let i = 0; i < count; ++i) doc.getMap('map').set('flood', `${i}`.padEnd(bytes, '.'))
  },
  // Random edits of every shared type, the same for the same seed and document.
  edit (seed, count) {
    const random = new Random(seed)
    for (let i = 0; i < count; ++i) edit(doc, random)
  },

  // Of the document now, and the text as it was at one of them.
  snapshot () { return Buffer.from(Y.encodeSnapshot(Y.snapshot(doc))).toString('base64') },
  textAt (snapshot) {
    const then = Y.decodeSnapshot(Buffer.from(snapshot, 'base64'))
    return Y.createDocFromSnapshot(doc, then).getText('text').toString()
  },

  view () { return view(doc) },
  fingerprint () { return fingerprint(doc) },
  unacknowledged () { return acknowledged.missingBetween(knownClock, ownClock()) },

  presence (state) { provider.awareness.setLocalState(state) },
  // From now on it is noted when this client came and when it last began to see all of `ids`.
  watch (ids) {
    const note = () => {
      const complete = provider.wsconnected && ids.every(id => provider.awareness.getStates().has(id))
      seen.complete = complete ? seen.complete ?? Date.now() : null
    }
    provider.awareness.on('change', note)
    provider.on('status', ({ status }) => {
      if (status === 'connected') seen.connected = Date.now()
      note()
    })
    note()
  },
  // In ms since 1970; `complete` is null while somebody is missing.
  seen () { return seen },
  peers () {
    const peers = Object.fromEntries(provider.awareness.getStates())
    delete peers[doc.clientID]
    return peers
  }
}

// An array of values of which each can be told from all others: what the crash tests count.
let logging = null
commands.startLog = (name, everyMs) => {
  let count = 0
  logging = setInterval(() => doc.getArray('log').push([`${name}:${count++}`]), everyMs)
}
commands.stopLog = () => { clearInterval(logging) }
// Of the values that begin with `prefix`: all, and our own whose ids have come back.
commands.log = prefix => {
  const all = []
  const safe = []
  for (let item = doc.getArray('log')._start; item !== null; item = item.right) {
    if (item.deleted) continue
    item.content.getContent().forEach((value, offset) => {
      if (!value.startsWith(prefix)) return
      all.push(value)
      const own = item.id.client === doc.clientID
      if (own && acknowledged.has(item.id.clock + offset)) safe.push(value)
    })
  }
  return { all, safe }
}

process.on('message', async ({ call, name, args }) => {
  try {
    process.send({ call, result: (await commands[name](...args)) ?? null })
  } catch (error) {
    process.send({ call, error: error.stack })
  }
})
process.on('disconnect', () => process.exit(0))
