// What Yjs 13 and 14 have in common; `roots` are the document's, in the words of either.
export const yjsEngine = (Y, roots) => {
  const replicaOf = doc => {
    const { text, list, set, content } = roots(doc)
    return {
      insert: (at, letters) => text.insert(at, letters),
      remove: (at, count) => text.delete(at, count),
      item: (at, value) => list.insert(at, [value]),
      set,
      content,
      length: () => text.length,
      apply: update => Y.applyUpdate(doc, update, 'others'),
      applyAll: updates => doc.transact(() => { for (const update of updates) Y.applyUpdate(doc, update) }, 'others'),
      state: () => Y.encodeStateAsUpdate(doc),
      smallest: () => Y.encodeStateAsUpdateV2(doc),
      free: () => doc.destroy()
    }
  }
  return {
    replica: (id, hear) => {
      const doc = new Y.Doc()
      doc.clientID = id
      if (hear) doc.on('update', (update, origin) => { if (origin !== 'others') hear(update) })
      return replicaOf(doc)
    },
    load: state => {
      const doc = new Y.Doc()
      Y.applyUpdate(doc, state)
      return replicaOf(doc)
    }
  }
}
