// What a document shows and how it came to be: two with the same fingerprint are the same.
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

// Who differs from the largest group, and in what: the clocks and deletions tell whether it misses an
// update or reads the same history otherwise.
export function describeDifference (prints) {
  const groups = new Map()
  prints.forEach((print, index) => groups.set(print, [...(groups.get(print) ?? []), index]))
  const [[common, many], ...others] = [...groups].sort(([, a], [, b]) => b.length - a.length)
  const expected = JSON.parse(common)
  return [`clients ${many} agree`, ...others.map(([print, who]) =>
    `clients ${who} differ in ${differences(expected, JSON.parse(print), '')}`)].join('\n')
}

function differences (expected, actual, path) {
  if (JSON.stringify(expected) === JSON.stringify(actual)) return []
  const composed = value => value !== null && typeof value === 'object'
  if (!composed(expected) || !composed(actual)) {
    return [`${path}: ${JSON.stringify(actual)?.slice(0, 200)} for ${JSON.stringify(expected)?.slice(0, 200)}`]
  }
  return [...new Set([...Object.keys(expected), ...Object.keys(actual)])]
    .flatMap(key => differences(expected[key], actual[key], `${path}/${key}`)).slice(0, 8)
}
