// A pluv client that writes, goes and comes back with the document it had, and keeps books of what is saved: with `?acks=1` it is
// told of each update.
import * as Y from 'yjs'
import { OwnBooks } from './own-books.mjs'
import { PluvPeer } from './pluv-peer.mjs'
import { until } from './wait.mjs'

const base64 = bytes => Buffer.from(bytes).toString('base64')

// Who else is there, by the name in their presence, and who has gone.
class Person extends PluvPeer {
  exits = [] // { name, at }
  get names () { return [...this.others.values()].map(({ presence }) => presence.name) }

  onexit (message) {
    const name = this.others.get(message.data.sessionId)?.presence.name
    super.onexit(message)
    if (name) this.exits.push({ name, at: Date.now() })
  }
}

export class PluvWriter {
  doc = new Y.Doc()
  stays = 0
  #own = new Set() // the ids that it has written under, a new one for each stay
  #place // of the edit that is being made
  #sent = []

  constructor ({ name, room, seed = 0 }) {
    Object.assign(this, { name, room, books: new OwnBooks(name, seed, this) })
  }

  // As others see it: somebody else each time, as pluv has it.
  get shownAs () { return `${this.name}#${this.stays}` }
  get live () { return this.peer?.live ?? false }
  // What it sent in this stay and was told nothing of.
  get unsaved () { return this.#sent.length - this.#sent.told }

  // port: of a server that serves pluv at /pluv. Where it fails nobody stays there.
  async enter (port) {
    ++this.stays
    try {
      await this.#begin(port)
    } catch (error) {
      this.peer.socket.terminate()
      throw error
    }
  }

  async #begin (port) {
    const peer = new Person({
      url: `ws://127.0.0.1:${port}/pluv/${this.room}?acks=1`, name: this.shownAs, room: this.room, user: null
    })
    this.peer = peer
    const sent = Object.assign([], { told: 0 })
    this.#sent = sent
    peer.onsaved = ({ data }) => {
      ++sent.told
      sent[data.update - 1]?.()
    }
    const lost = () => { if (peer.closeCode) throw new Error(`${this.shownAs} was closed: ${peer.closeCode}`) }
    await until(`${this.name} is registered`, () => { lost(); return peer.id })
    peer.send(JSON.stringify({ type: '$initializeSession', data: { presence: { name: this.shownAs }, update: null } }))
    await until(`${this.name} has the document`, () => { lost(); return peer.storage })
    peer.send(JSON.stringify({ type: '$getOthers', data: {} }))
    Y.applyUpdate(peer.doc, Y.encodeStateAsUpdate(this.doc))
    this.doc = peer.doc
    const [count, clocks] = [this.books.count, [...this.#own].map(client => [client, Y.getState(peer.doc.store, client)])]
    this.#upload('$initialized', Y.encodeStateAsUpdate(peer.doc), () => {
      this.books.saveBefore(count)
      clocks.forEach(([client, clock]) => this.books.reach(client, clock))
    })
    // Also what Yjs does by itself: when others format a text it takes out marks that have become needless, which is an edit like any other.
    peer.doc.on('update', (update, _origin, _doc, transaction) => { if (transaction.local) this.#tell(update) })
  }

  write () {
    if (!this.live) return
    this.#place = undefined
    const place = this.books.write(this.doc)
    if (this.#place) this.#place.at = place
  }

  leave () {
    if (!this.peer) return
    this.peer.gone = true
    this.peer.socket.close()
    return this.peer.closed
  }

  #tell (update) {
    const { clientID, store } = this.doc
    this.#own.add(clientID)
    const [edit, clock] = [{}, Y.getState(store, clientID)]
    this.#place = edit
    this.#upload('edit', update, () => {
      if (edit.at !== undefined) this.books.save(edit.at)
      this.books.reach(clientID, clock)
    })
  }

  // The n-th of this stay, as its note will say.
  #upload (origin, update, saved) {
    if (!this.live) return
    this.#sent.push(saved)
    this.peer.send(JSON.stringify({ type: '$updateStorage', data: { origin, update: base64(update) } }))
  }
}
