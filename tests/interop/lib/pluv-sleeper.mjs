// A pluv client in a process of its own, to be stopped and woken: it comes back after the codes that
// stock clients come back after, and tells its parent what it was told and what it has.
import * as Y from 'yjs'
import { PluvPeer } from './pluv-peer.mjs'
import { until } from './wait.mjs'

const kComesBackAfter = new Set([1001, 1006, 1011, 1012, 1013, 1014])
const [url] = process.argv.slice(2)
const codes = []
let doc = new Y.Doc()
let peer

async function connect () {
  peer = new PluvPeer({ url, name: 'sleeper', room: 'hall', user: null })
  peer.closed.then(code => {
    codes.push(code)
    if (kComesBackAfter.has(code)) connect().catch(() => {})
  })
  const mine = peer
  await until('it is registered', () => mine.id)
  mine.send(JSON.stringify({ type: '$initializeSession', data: { presence: {}, update: null } }))
  await until('it has the document', () => mine.storage)
  Y.applyUpdate(mine.doc, Y.encodeStateAsUpdate(doc))
  doc = mine.doc
  const update = Buffer.from(Y.encodeStateAsUpdate(doc)).toString('base64')
  mine.send(JSON.stringify({ type: '$updateStorage', data: { origin: '$initialized', update } }))
}

setInterval(() => { if (peer?.live && peer.built) peer.send('{"type":"$ping","data":{}}') }, 200)
setInterval(() => process.send({ codes, text: doc.getText('text').toString() }), 50)
connect().catch(() => {})
