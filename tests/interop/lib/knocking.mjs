// A real provider of y-websocket 2 that nobody will let in, and the handshakes it makes of that.
import WebSocket from 'ws'
import { WebsocketProvider } from 'y-websocket-2'
import * as Y from 'yjs'

export class Knocking {
  opens = 0
  codes = new Map()
  doc = new Y.Doc()

  // say(socket): what this client sends beside what providers do.
  constructor ({ url, room, params = {}, say = () => {} }) {
    const self = this
    class Counted extends WebSocket {
      constructor (...args) {
        super(...args)
        this.on('open', () => { ++self.opens; say(this) })
        this.on('close', code => self.codes.set(code, (self.codes.get(code) ?? 0) + 1))
        this.on('error', () => {})
      }
    }
    this.provider = new WebsocketProvider(url, room, this.doc,
      { WebSocketPolyfill: Counted, disableBc: true, params })
  }

  end () {
    this.provider.destroy()
    this.provider.ws?.terminate()
    this.doc.destroy() // its presence keeps a clock that keeps the process
  }
}
