// What one client wrote by itself, and what of it is saved.
import { Author } from './author.mjs'

export class OwnBooks {
  saved = new Set() // marks
  erased = new Set() // marks whose deletion is saved
  clocks = new Map() // by client id: how far the own items are saved
  #written = []

  constructor (name, seed, origin) { this.author = new Author(name, seed, origin) }

  // One edit. Its place in the order of all.
  write (doc) {
    this.#written.push(this.author.write(doc))
    return this.#written.length - 1
  }

  get count () { return this.#written.length }

  // An edit, or all before one.
  save (place) { this.#save(this.#written[place]) }
  saveBefore (place) { for (let at = 0; at < place; ++at) this.#save(this.#written[at]) }

  // Those whose item, or the deletion of it, a server sent back.
  saveWhere (here, gone) {
    for (const what of this.#written) {
      if (what.mark ? here(what.clock) : what.erased && gone(what)) this.#save(what)
    }
    this.#written = this.#written.filter(({ mark, erased }) =>
      (mark && !this.saved.has(mark)) || (erased && !this.erased.has(erased)))
  }

  reach (client, clock) { this.clocks.set(client, Math.max(this.clocks.get(client) ?? 0, clock)) }

  // What a reader of the store has to find, and not to find.
  shown () {
    return {
      clocks: Object.fromEntries(this.clocks),
      saved: this.author.standing.map(({ mark }) => mark).filter(mark => this.saved.has(mark)),
      erased: [...this.erased]
    }
  }

  #save ({ mark, erased }) {
    if (mark) this.saved.add(mark)
    if (erased) this.erased.add(erased)
  }
}
