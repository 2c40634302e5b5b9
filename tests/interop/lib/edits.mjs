// One random edit of one shared type of a document: text `text`, array `array`, map `map` (with
// nested types in it) and XML `xml`.
import * as Y from 'yjs'

const words = ['so', ' many', ' waters', ' run', 'ö', '水', '🌊', '\n', 'together']

export function edit (doc, random) {
  random.pick([editText, editText, editArray, editMap, editNested, editXml])(doc, random)
}

// Half as likely as growing, so that documents grow slowly and keep deletions.
const shrinks = random => random.chance(0.33)

function editText (doc, random) {
  const text = doc.getText('text')
  const at = random.below(text.length + 1)
  const left = text.length - at
  if (left > 0 && shrinks(random)) return text.delete(at, 1 + random.below(Math.min(left, 5)))
  if (left > 0 && random.chance(0.15)) {
    const [from, to] = [at, at + 1 + random.below(left)].map(end => characterStart(text, end))
    return text.format(from, to - from, { bold: random.pick([true, null]) })
  }
  text.insert(at, random.pick(words))
}

// Yjs replaces the halves of a surrogate pair that it splits. A format that changes nothing splits one
// in its own document without an update to tell others of it, so Yjs differs from Yjs then. Inserts
// and deletions do tell: they may split what they like.
function characterStart (text, at) {
  const low = text.toString().charCodeAt(at)
  return low >= 0xdc00 && low <= 0xdfff ? at + 1 : at
}

function editArray (doc, random) {
  const array = doc.getArray('array')
  const at = random.below(array.length + 1)
  if (at < array.length && shrinks(random)) return array.delete(at, 1)
  array.insert(at, [random.pick([
    () => random.below(1e9), () => random.pick(words), () => null, () => random.next() - 0.5,
    () => ({ deep: [1, { er: true }] }), () => new Uint8Array([1, 2, 255]).toString()
  ])()])
}

function editMap (doc, random) {
  const map = doc.getMap('map')
  const key = `key${random.below(8)}`
  if (map.has(key) && shrinks(random)) return map.delete(key)
  map.set(key, random.below(1e6))
}

// map.nested<n> is a map, array or text by its number; two clients may make it at once.
function editNested (doc, random) {
  const map = doc.getMap('map')
  const number = random.below(6)
  const key = `nested${number}`
  const inner = map.get(key)
  if (inner === undefined || random.chance(0.05)) {
    map.set(key, [new Y.Map(), new Y.Array(), new Y.Text()][number % 3])
  } else if (inner instanceof Y.Map) {
    inner.set(`k${random.below(4)}`, random.below(100))
  } else if (inner instanceof Y.Array) {
    inner.insert(random.below(inner.length + 1), [random.below(100)])
  } else {
    inner.insert(random.below(inner.length + 1), random.pick(words))
  }
}

function editXml (doc, random) {
  const xml = doc.getXmlFragment('xml')
  const at = random.below(xml.length + 1)
  const element = xml.get(Math.min(at, xml.length - 1))
  if (element === undefined || random.chance(0.3)) {
    return xml.insert(at, [new Y.XmlElement(random.pick(['p', 'h1', 'li']))])
  }
  if (shrinks(random)) return xml.delete(Math.min(at, xml.length - 1), 1)
  if (random.chance(0.4)) return element.setAttribute('class', random.pick(words).trim() || 'x')
  const inner = element.firstChild
  if (!(inner instanceof Y.XmlText) || random.chance(0.3)) return element.insert(0, [new Y.XmlText(random.pick(words))])
  inner.insert(random.below(inner.length + 1), random.pick(words), random.chance(0.3) ? { em: 'so' } : undefined)
}
