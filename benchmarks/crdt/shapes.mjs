// The project's own workloads: what people do to a document, written by the real yjs from a seed.
// Shapes after the B1 to B4 of dmonad/crdt-benchmarks. Same seed and sizes, same bytes.
import * as Y from 'yjs'
import { dice, id32, id53, letter, upTo, word } from './dice.mjs'

const someone = (roll, log, id = id32) => {
  const doc = new Y.Doc()
  doc.clientID = id(roll)
  if (log) doc.on('update', update => log.push(update))
  return doc
}

// One person at one text; `edit` is called `count` times.
const alone = (roll, count, edit) => {
  const log = []
  const text = someone(roll, log).getText('text')
  for (let i = 0; i < count; i++) edit(text, i)
  return log
}

// Somebody writes: bursts of letters, every now and then some back again, then elsewhere.
const writer = roll => {
  let at = 0
  let burst = 0
  return text => {
    if (burst-- <= 0) {
      burst = 5 + upTo(roll, 120)
      if (roll() < 0.3) at = upTo(roll, text.length + 1)
      else if (roll() < 0.2) at = text.length
    }
    if (at > 0 && roll() < 0.3) text.delete(--at, 1)
    else text.insert(at++, letter(roll))
  }
}

// `people` documents that hear of each other every `pace` edits.
const together = (roll, people, rounds, pace, edit, id) => {
  const log = []
  const docs = Array.from({ length: people }, () => someone(roll, undefined, id))
  const fresh = docs.map(() => [])
  docs.forEach((doc, i) => doc.on('update', (update, origin) => origin !== 'other' && fresh[i].push(update)))
  for (let round = 0; round < rounds; round++) {
    docs.forEach(doc => { for (let i = 0; i < pace; i++) edit(doc.getText('text')) })
    const heard = fresh.map(updates => updates.splice(0))
    heard.forEach((updates, from) => updates.forEach(update => {
      log.push(update)
      docs.forEach((doc, to) => to !== from && Y.applyUpdate(doc, update, 'other'))
    }))
  }
  return log
}

// `clients` who know nothing of each other do one thing each.
const strangers = (roll, clients, edit, id) => {
  const log = []
  for (let i = 0; i < clients; i++) edit(someone(roll, log, id), i)
  return log
}

const insertOrDelete = roll => text => {
  const at = upTo(roll, text.length + 1)
  if (roll() < 0.4 && at < text.length) text.delete(at, Math.min(text.length - at, 1 + upTo(roll, 8)))
  else text.insert(at, word(roll))
}

const churn = (roll, keys, times) => {
  const log = []
  const map = someone(roll, log).getMap('map')
  for (let i = 0; i < keys * times; i++) map.set('key' + upTo(roll, keys), i)
  return log
}

const paragraphs = (roll, count, strokes) => {
  const log = []
  const root = someone(roll, log).getXmlFragment('page')
  for (let i = 0; i < count; i++) {
    const paragraph = new Y.XmlElement('paragraph')
    const text = new Y.XmlText()
    paragraph.insert(0, [text])
    root.insert(upTo(roll, root.length + 1), [paragraph])
    for (let k = 0; k < strokes; k++) text.insert(k, letter(roll))
  }
  return log
}

// Every n-th state on the way, as the state vectors of peers that stopped there.
const waypoints = (updates, count) => {
  const doc = new Y.Doc()
  const vectors = []
  updates.forEach((update, i) => {
    Y.applyUpdate(doc, update)
    if (i % Math.ceil(updates.length / count) === 0) vectors.push(Y.encodeStateVector(doc))
  })
  return [Y.encodeStateAsUpdate(doc), ...vectors]
}

const state = updates => {
  const doc = new Y.Doc()
  doc.transact(() => updates.forEach(update => Y.applyUpdate(doc, update)))
  return [Y.encodeStateAsUpdate(doc)]
}

// Name -> updates; `scale` shrinks all of them.
export const shapes = (seed, scale) => {
  const n = count => Math.max(10, Math.round(count * scale))
  const roll = dice(seed)
  const out = {
    'b1-append': alone(roll, n(60000), (text, i) => text.insert(i, letter(roll))),
    'b1-prepend': alone(roll, n(60000), text => text.insert(0, letter(roll))),
    'b1-random': alone(roll, n(40000), (text, i) => text.insert(upTo(roll, i + 1), letter(roll))),
    'b1-words': alone(roll, n(20000), insertOrDelete(roll)),
    'b2-two': together(roll, 2, n(100), 100, insertOrDelete(roll)),
    'b2-twenty': together(roll, 20, n(10), 50, insertOrDelete(roll)),
    'b3-map': strangers(roll, n(1549), (doc, i) => doc.getMap('map').set('v', i)),
    'b3-crowd': strangers(roll, n(3000), (doc, i) => doc.getText('text').insert(0, `<${i}>`)),
    'b4-paper': alone(roll, n(150000), writer(roll)),
    'map-churn': churn(roll, n(500), 100),
    'paragraphs': paragraphs(roll, n(1000), 30)
  }
  const paper = out['b4-paper']
  out['b4-final'] = state(paper)
  out['b4-10k'] = paper.slice(0, n(10000))
  out['b4-diff'] = waypoints(paper, 200)
  // As Yjs 14 makes client ids; last, so that the others are the same bytes as ever.
  out['b2-twenty-53'] = together(roll, 20, n(10), 50, insertOrDelete(roll), id53)
  out['b3-crowd-53'] = strangers(roll, n(3000), (doc, i) => doc.getText('text').insert(0, `<${i}>`), id53)
  return out
}
