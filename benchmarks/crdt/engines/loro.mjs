// Its updates and states are in formats of its own. A state is a snapshot, as its makers advise.
import { LoroDoc } from 'loro-crdt'
import { id64 } from './wide-id.mjs'

const replicaOf = (doc, hear) => {
  const [text, list, map] = [doc.getText('text'), doc.getList('list'), doc.getMap('map')]
  if (hear) doc.subscribeLocalUpdates(hear)
  return {
    insert: (at, letters) => { text.insert(at, letters); doc.commit() },
    remove: (at, count) => { text.delete(at, count); doc.commit() },
    item: (at, value) => { list.insert(at, value); doc.commit() },
    set: (key, value) => { map.set(key, value); doc.commit() },
    content: () => ({ text: text.toString(), list: list.toJSON(), map: map.toJSON() }),
    length: () => text.length,
    apply: update => doc.import(update),
    applyAll: updates => doc.importBatch(updates),
    state: () => doc.export({ mode: 'snapshot' }),
    smallest: () => doc.export({ mode: 'shallow-snapshot', frontiers: doc.frontiers() }),
    free: () => { for (const part of [text, list, map, doc]) part.free() }
  }
}

export const open = () => ({
  replica: (id, hear) => {
    const doc = new LoroDoc()
    // 64 bits, less the one value it keeps for itself.
    doc.setPeerId(id64(id) >> 1n)
    return replicaOf(doc, hear)
  },
  load: state => replicaOf(LoroDoc.fromSnapshot(state))
})
