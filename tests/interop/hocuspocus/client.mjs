// The process behind HocuspocusClient of ../lib/hocuspocus-server.mjs: one document, the provider of npm, commands by message.
import { HocuspocusProvider, HocuspocusProviderWebsocket } from '@hocuspocus/provider'
import WebSocket from 'ws'
import * as Y from 'yjs'

const { url, room, token } = JSON.parse(process.argv[2])
const seen = { synced: false, refused: null, disconnected: false }
const socket = new HocuspocusProviderWebsocket({ url, WebSocketPolyfill: WebSocket })
const provider = new HocuspocusProvider({
  websocketProvider: socket,
  name: room,
  token,
  onSynced: () => { seen.synced = true },
  onAuthenticationFailed: ({ reason }) => { seen.refused = reason },
  onDisconnect: () => { seen.disconnected = true }
})
provider.attach()
const text = provider.document.getText('text')

const commands = {
  state: () => ({ ...seen, unsynced: provider.unsyncedChanges, text: text.toString() }),
  append: words => text.insert(text.length, words),
  // As an editor of Tiptap has it.
  paragraph: words => {
    const paragraph = new Y.XmlElement('paragraph')
    paragraph.insert(0, [new Y.XmlText(words)])
    provider.document.getXmlFragment('default').push([paragraph])
  },
  xml: field => provider.document.getXmlFragment(field).toString(),
  // The provider says nothing when it is destroyed; its socket does.
  leave: () => { provider.destroy(); socket.destroy() }
}

process.on('message', ({ call, name, args }) => process.send({ call, result: commands[name](...args) ?? null }))
process.on('disconnect', () => process.exit())
