// Two kinds of people of a crowd, each a real client that writes by itself, goes, and comes back at any node. Both are asked the same:
//
//   enter(node), leave(), moveTo(node)   leave() says goodbye
//   write(everyMs), rest()
//   books()            what a reader of the store has to find: see OwnBooks
//   print()            of the document; the same for the same document
//   names(), gone()    whom they see, and whom they saw go since they were asked
//   settled()          all that it wrote is saved
import { createHash } from 'node:crypto'
import { Client } from '../../interop/lib/client.mjs'
import { fingerprint } from '../../interop/lib/fingerprint.mjs'
import { PluvWriter } from '../../interop/lib/pluv-writer.mjs'
import { until } from '../../interop/lib/wait.mjs'

// When somebody was there under which name, for those who judge what others saw.
class Stays {
  stays = [] // { name, from, to }
  node = null

  came (node, name) {
    this.node = node
    this.stays.push({ name, from: Date.now(), to: Infinity })
  }

  // Also when its node died.
  went () {
    this.node = null
    const last = this.stays.at(-1)
    if (last && last.to === Infinity) last.to = Date.now()
  }

  get name () { return this.stays.at(-1)?.name }
}

export class YjsPerson extends Stays {
  constructor ({ called, room, seed, version }) { super(); Object.assign(this, { called, room, seed, version }) }

  async enter (node) {
    if (!this.client) {
      this.client = await Client.join({ url: node.url, room: this.room, presence: { name: this.called }, version: this.version })
    } else {
      await this.client.do('moveTo', node.url)
    }
    await this.client.untilSynced({ withinMs: 30_000 })
    this.came(node, this.called)
  }

  async leave () {
    await this.client.do('offline')
    this.went()
  }

  moveTo (node) { return this.enter(node) }
  write (everyMs) { return this.client.do('write', { name: this.called, seed: this.seed, everyMs }) }
  rest () { return this.client.do('rest') }
  books () { return this.client.do('books') }
  print () { return this.client.do('print') }
  fingerprint () { return this.client.do('fingerprint') }
  async names () { return (await this.client.do('names')).filter(Boolean) }
  gone () { return this.client.do('gone') }
  async settled () { return await this.client.do('unacknowledged') === 0 }
  faults () { return [] }
  async end () { await this.client?.kill() }
}

export class PluvPerson extends Stays {
  constructor ({ called, room, seed }) {
    super()
    Object.assign(this, { called, room })
    this.writer = new PluvWriter({ name: called, room, seed })
  }

  // Clients come again when a node closes them in between.
  async enter (node) {
    await until(`${this.called} is let in`, () => this.writer.enter(node.port).then(() => true, () => false),
      { withinMs: 30_000, everyMs: 200, describe: () => `${this.writer.peer.closeCode} ${this.writer.peer.errors}` })
    this.came(node, this.writer.shownAs)
  }

  async leave () {
    await this.writer.leave()
    this.went()
  }

  async moveTo (node) {
    await this.writer.leave()
    await this.enter(node)
  }

  write (everyMs) { this.writing = setInterval(() => this.writer.write(), everyMs) }
  rest () { clearInterval(this.writing) }
  books () { return this.writer.books.shown() }
  fingerprint () { return fingerprint(this.writer.doc) }
  print () { return createHash('sha256').update(this.fingerprint()).digest('hex') }
  names () { return this.writer.peer.names.filter(Boolean) }
  gone () { return this.writer.peer.exits.splice(0) }
  settled () { return this.writer.unsaved === 0 }
  faults () { return this.writer.peer.faults }
  errors () { return this.writer.peer.errors }
  end () {
    this.rest()
    return this.writer.leave()
  }
}
