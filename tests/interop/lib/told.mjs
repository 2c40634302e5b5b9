// What a backend makes of the updates it is told of, base64.
import assert from 'node:assert/strict'
import * as Y from 'yjs'

// Each goes on from the ones before: one that comes before its turn has to wait in the document.
export function textToldInOrder (updates) {
  const doc = new Y.Doc()
  for (const update of updates) {
    Y.applyUpdate(doc, Buffer.from(update, 'base64'))
    assert.equal(doc.store.pendingStructs, null, 'an update came before an older one')
  }
  return doc.getText('text').toString()
}
