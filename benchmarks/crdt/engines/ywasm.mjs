// yrs, compiled to WebAssembly.
import Y from 'ywasm'

const replicaOf = (doc, hear) => {
  const [text, list, map] = [doc.getText('text'), doc.getArray('list'), doc.getMap('map')]
  // Its events come while a transaction is open, and do not name an origin one can compare.
  let ours = true
  if (hear) doc.onUpdate(update => { if (ours) hear(update) })
  const of = work => { ours = false; try { work() } finally { ours = true } }
  return {
    insert: (at, letters) => text.insert(at, letters),
    remove: (at, count) => text.delete(at, count),
    item: (at, value) => list.insert(at, [value]),
    set: (key, value) => map.set(key, value),
    content: () => ({ text: text.toString(), list: list.toJson(), map: map.toJson() }),
    length: () => text.length(),
    apply: update => of(() => Y.applyUpdate(doc, update)),
    applyAll: updates => of(() => {
      const transaction = doc.beginTransaction()
      try { for (const update of updates) transaction.applyV1(update) } finally { transaction.free() }
    }),
    state: () => Y.encodeStateAsUpdate(doc),
    smallest: () => Y.encodeStateAsUpdateV2(doc),
    free: () => doc.free()
  }
}

export const open = () => ({
  replica: (id, hear) => replicaOf(new Y.YDoc({ clientID: id }), hear),
  load: state => {
    const doc = new Y.YDoc()
    Y.applyUpdate(doc, state)
    return replicaOf(doc)
  }
})
