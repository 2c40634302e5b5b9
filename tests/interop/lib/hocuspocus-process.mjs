// The process behind lib/hocuspocus.mjs: one socket, a document or more on it, commands by message.
import { HocuspocusProvider as Provider2, HocuspocusProviderWebsocket as Socket2 } from 'hocuspocus-provider-2'
import { HocuspocusProvider as Provider3, HocuspocusProviderWebsocket as Socket3 } from 'hocuspocus-provider-3'
import { HocuspocusProvider as Provider4, HocuspocusProviderWebsocket as Socket4 } from 'hocuspocus-provider-4'
import WebSocket from 'ws'
import * as Y from 'yjs'
import { edit } from './edits.mjs'
import { fingerprint, view } from './fingerprint.mjs'
import { Random } from './random.mjs'

const versions = {
  2: { Provider: Provider2, Socket: Socket2 },
  3: { Provider: Provider3, Socket: Socket3 },
  4: { Provider: Provider4, Socket: Socket4 }
}

let version, socket
const socketCloses = []
const errors = []
const documents = new Map()

// Providers of 2 throw at what they do not know; nobody else must notice.
process.on('uncaughtException', error => errors.push(String(error.message)))

class Document {
  constructor ({ name, token = 'none', sessionAwareness, awareness, forceSyncInterval }) {
    this.doc = new Y.Doc()
    this.events = { authenticated: [], failed: [], closes: [], stateless: [], unsynced: [] }
    this.tokens = [token].flat()
    this.asked = 0
    this.safe = new Set()
    this.sent = []
    this.provider = new versions[version].Provider({
      websocketProvider: socket,
      name,
      document: this.doc,
      // The first of its tokens, and the next each time it is asked again, until the last.
      token: () => this.tokens[Math.min(this.asked++, this.tokens.length - 1)],
      ...(sessionAwareness ? { sessionAwareness } : {}),
      ...(awareness === null ? { awareness } : {}),
      ...(forceSyncInterval ? { forceSyncInterval } : {}),
      quiet: true,
      onAuthenticated: data => this.events.authenticated.push(data?.scope ?? this.provider.authorizedScope),
      onAuthenticationFailed: ({ reason }) => this.events.failed.push(reason),
      onClose: ({ event }) => this.events.closes.push([event.code, String(event.reason)]),
      onStateless: ({ payload }) => this.events.stateless.push(payload)
    })
    this.provider.on('unsyncedChanges', data => this.onUnsynced(data?.number ?? data))
    this.provider.attach?.()
  }

  // What the provider says is synced, it must find again.
  onUnsynced (number) {
    this.events.unsynced.push(number)
    if (number === 0) this.sent.forEach(value => this.safe.add(value))
  }
}

const on = {
  status ({ doc, provider, events, asked }) {
    return {
      id: doc.clientID, synced: provider.synced, unsynced: provider.unsyncedChanges,
      hasUnsynced: provider.hasUnsyncedChanges, connected: socket.status === 'connected',
      authenticated: provider.isAuthenticated, scope: provider.authorizedScope, asked, ...events
    }
  },
  append ({ doc }, text) { doc.getText('text').insert(doc.getText('text').length, text) },
  remove ({ doc }, index, length) { doc.getText('text').delete(index, length) },
  edit ({ doc }, seed, count) {
    const random = new Random(seed)
    for (let i = 0; i < count; ++i) edit(doc, random)
  },
  view ({ doc }) { return view(doc) },
  fingerprint ({ doc }) { return fingerprint(doc) },
  presence ({ provider }, state) { provider.awareness.setLocalState(state) },
  peers ({ doc, provider }) {
    const peers = Object.fromEntries(provider.awareness.getStates())
    delete peers[doc.clientID]
    return peers
  },
  stateless ({ provider }, payload) { provider.sendStateless(payload) },
  sendToken ({ provider }) { return provider.sendToken?.() },
  forceSync ({ provider }) { provider.forceSync() },
  detach ({ provider }) { provider.detach() },
  attach ({ provider }) { provider.attach() },
  destroy ({ provider }) { provider.destroy() },
  // As is, past the provider.
  raw (_, hex) { socket.webSocket.send(Buffer.from(hex, 'hex')) },
  // Values of which each can be told from all others; `safe` are those that were there when the
  // provider last said that nothing is unsynced.
  startLog (document, name, everyMs) {
    let count = 0
    document.logging = setInterval(() => {
      const value = `${name}:${count++}`
      document.doc.getArray('log').push([value])
      document.sent.push(value)
    }, everyMs)
  },
  stopLog ({ logging }) { clearInterval(logging) },
  log ({ doc, safe }, prefix) {
    const mine = value => value.startsWith(prefix)
    return { all: doc.getArray('log').toArray().filter(mine), safe: [...safe].filter(mine) }
  }
}

const commands = {
  open (options) {
    version = options.version ?? 4
    socket = new versions[version].Socket({
      url: options.url, WebSocketPolyfill: WebSocket, delay: 50, minDelay: 50, maxDelay: 400, jitter: false,
      quiet: true
    })
    socket.on('close', ({ event }) => socketCloses.push([event.code, String(event.reason)]))
  },
  document (options) {
    documents.set(options.as ?? options.name, new Document(options))
  },
  on (name, command, args) { return on[command](documents.get(name), ...args) },
  offline () { socket.disconnect() },
  online () { return socket.connect().then(() => null) },
  cut () { socket.webSocket?._socket?.destroy() },
  socket () { return { connected: socket.status === 'connected', closes: socketCloses, errors } }
}

process.on('message', async ({ call, name, args }) => {
  try {
    const result = commands[name](...args)
    process.send({ call, result: (name === 'online' ? null : await result) ?? null })
  } catch (error) {
    process.send({ call, error: error.stack })
  }
})
process.on('disconnect', () => process.exit(0))
