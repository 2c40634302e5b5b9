// Documents are values; the roots come from one first change that all replicas share.
import * as A from '@automerge/automerge'
import { hex128 } from './wide-id.mjs'

const seed = A.save(A.from({ text: '', list: [], map: {} }, { actor: hex128(0) }))

// A string is a text that can be edited, which strings in lists and maps are not meant to be here.
const plain = value => typeof value === 'string' ? new A.ImmutableString(value) : value
const shown = value => A.isImmutableString(value) ? value.toString() : value

const replicaOf = (first, hear) => {
  let doc = first
  let change = edit => {
    doc = A.change(doc, edit)
    hear?.(A.getLastLocalChange(doc))
  }
  return {
    insert: (at, letters) => change(d => A.splice(d, ['text'], at, 0, letters)),
    remove: (at, count) => change(d => A.splice(d, ['text'], at, count)),
    item: (at, value) => change(d => d.list.splice(at, 0, plain(value))),
    set: (key, value) => change(d => { d.map[key] = plain(value) }),
    content: () => ({ text: doc.text, list: doc.list.map(shown), map: Object.fromEntries(Object.entries(doc.map).map(([key, value]) => [key, shown(value)])) }),
    length: () => doc.text.length,
    apply: update => { [doc] = A.applyChanges(doc, [update]) },
    applyAll: updates => { [doc] = A.applyChanges(doc, updates) },
    // It takes a quarter of an hour for the longest script one by one.
    together: edits => {
      const one = change
      one(d => { change = edit => edit(d); edits() })
      change = one
    },
    state: () => A.save(doc),
    free: () => A.free(doc)
  }
}

export const open = () => ({
  replica: (id, hear) => replicaOf(A.load(seed, { actor: hex128(id) }), hear),
  load: state => replicaOf(A.load(state))
})
