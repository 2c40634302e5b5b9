// One who writes into a document: random edits of every shared type, and in an array `log` marks of which each can be told from
// all others. It takes some of its own marks out again; nobody else does.
import * as Y from 'yjs'
import { edit } from './edits.mjs'
import { Random } from './random.mjs'

const kMarksKept = 40

export class Author {
  standing = [] // its marks that it has not taken out, the oldest first

  // `origin`: of the transactions, so that whoever sends them knows them.
  constructor (name, seed, origin = null) {
    Object.assign(this, { name, origin, random: new Random(seed), made: 0 })
  }

  // One edit of `doc`, in one transaction. What it says of marks: { mark, clock } and { erased, clock }, the clock that
  // of the item in question.
  write (doc) {
    const what = {}
    doc.transact(() => {
      if (this.random.chance(0.5)) return edit(doc, this.random)
      const erases = this.standing.length > kMarksKept || (this.standing.length > 0 && this.random.chance(0.2))
      Object.assign(what, erases ? this.#erase(doc) : this.#mark(doc))
    }, this.origin)
    return what
  }

  #mark (doc) {
    const mark = `${this.name}:${this.made++}`
    const clock = Y.getState(doc.store, doc.clientID)
    doc.getArray('log').push([mark])
    this.standing.push({ mark, client: doc.clientID, clock })
    return { mark, clock }
  }

  #erase (doc) {
    const { mark, client, clock } = this.standing.shift()
    const at = doc.getArray('log').toArray().indexOf(mark)
    if (at < 0) throw new Error(`${mark} is not in the document of who wrote it`)
    doc.getArray('log').delete(at)
    return { erased: mark, client, clock }
  }
}
