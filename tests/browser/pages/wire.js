// What a page of a test is told by its address, and its connection: to y-websocket's wire or to Hocuspocus'.
import { HocuspocusProvider, HocuspocusProviderWebsocket } from '@hocuspocus/provider'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'

const asked = new URLSearchParams(location.search)
export const user = { name: asked.get('user'), color: asked.get('color') ?? '#c00000' }
export const editable = !asked.has('read')

// { doc, provider, awareness, state(): { connected, synced, unsynced, refused } }
export function connect () {
  const doc = new Y.Doc()
  const [url, room, token] = ['url', 'room', 'token'].map(key => asked.get(key))
  return asked.get('wire') === 'hocuspocus' ? byHocuspocus(doc, url, room, token) : byWebsocket(doc, url, room, token)
}

function byWebsocket (doc, url, room, token) {
  const provider = new WebsocketProvider(url, room, doc, { disableBc: true, params: token ? { token } : {} })
  let refused = null
  provider.on('closed-final', event => { refused = event?.code ?? true })
  provider.on('connection-close', event => {
    // As docs/front-ends.md has it: trying again changes nothing.
    if (event && event.code >= 4400 && event.code < 4500) { refused = event.code; provider.disconnect() }
  })
  return {
    doc,
    provider,
    awareness: provider.awareness,
    state: () => ({ connected: provider.wsconnected, synced: provider.synced, unsynced: 0, refused })
  }
}

function byHocuspocus (doc, url, room, token) {
  let refused = null
  const websocketProvider = new HocuspocusProviderWebsocket({ url })
  const provider = new HocuspocusProvider({
    websocketProvider,
    name: room,
    document: doc,
    token: token ?? '',
    onAuthenticationFailed: ({ reason }) => { refused = reason }
  })
  provider.attach()
  return {
    doc,
    provider,
    awareness: provider.awareness,
    state: () => ({
      connected: websocketProvider.status === 'connected', synced: provider.isSynced, unsynced: provider.unsyncedChanges, refused
    })
  }
}
