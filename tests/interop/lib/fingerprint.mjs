// What a document shows, and what it is: content, clocks and deletions.
import * as Y from 'yjs'

export function view (doc) {
  return {
    text: doc.getText('text').toString(),
    delta: doc.getText('text').toDelta(),
    array: doc.getArray('array').toJSON(),
    map: doc.getMap('map').toJSON(),
    xml: doc.getXmlFragment('xml').toString()
  }
}

// Map entries and clients have no order of their own.
function canonical (value) {
  if (Array.isArray(value)) return value.map(canonical)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.keys(value).sort().map(key => [key, canonical(value[key])]))
}

export function fingerprint (doc) {
  const deletions = {}
  for (const [client, ranges] of Y.createDeleteSetFromStructStore(doc.store).clients) {
    deletions[client] = ranges.map(({ clock, len }) => [clock, len])
  }
  const clocks = Object.fromEntries(Y.decodeStateVector(Y.encodeStateVector(doc)))
  const { pendingStructs, pendingDs } = doc.store
  const waiting = [pendingStructs && Object.fromEntries(pendingStructs.missing), pendingDs && 'deletions']
  return JSON.stringify(canonical({ ...view(doc), clocks, deletions, waiting }))
}
