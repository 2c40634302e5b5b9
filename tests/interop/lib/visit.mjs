// A real provider of y-websocket in the test's own process, for a short stay of somebody without a name: to read a room, or to leave it again.
import WebSocket from 'ws'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import { fingerprint } from './fingerprint.mjs'
import { until } from './wait.mjs'

// Each provider listens for the end of the process.
process.setMaxListeners(0)

export class Visit {
  doc = new Y.Doc()

  // It does not come back when its server dies. `shows`: its presence; null: none.
  static async begin ({ url, room, shows = {} }) {
    const self = new Visit()
    self.provider = new WebsocketProvider(url, room, self.doc, {
      WebSocketPolyfill: WebSocket, disableBc: true, connect: false
    })
    self.provider.on('connection-close', () => { self.provider.shouldConnect = false })
    self.provider.on('connection-error', () => {})
    self.provider.awareness.setLocalState(shows)
    // Until it is in it tries again, as clients do.
    await until(`somebody is let into ${room}`, () => {
      if (!self.provider.shouldConnect) self.provider.connect()
      return self.provider.synced
    }, { withinMs: 30_000 })
    return self
  }

  write (text) { this.doc.getText('text').insert(0, text) }
  get print () { return fingerprint(this.doc) }

  // Of what `shown` says is saved (OwnBooks), that which this document has not; and what is there and should not be.
  faultsIn ({ clocks, saved, erased }) {
    const log = this.doc.getArray('log').toArray()
    const count = new Map()
    for (const mark of log) count.set(mark, (count.get(mark) ?? 0) + 1)
    return [
      ...Object.entries(clocks).filter(([client, clock]) => Y.getState(this.doc.store, Number(client)) < clock)
        .map(([client, clock]) => `of client ${client} ${Y.getState(this.doc.store, Number(client))} items and not ${clock}`),
      ...saved.filter(mark => !count.has(mark)).map(mark => `${mark} is lost`),
      ...erased.filter(mark => count.has(mark)).map(mark => `${mark} is back`),
      ...[...count].filter(([, times]) => times > 1).map(([mark, times]) => `${mark} is there ${times} times`)
    ]
  }

  end () {
    this.provider.destroy()
    this.doc.destroy()
  }
}
