// Plays the client side of a transcript against a server and checks what comes back by the rules of
// the protocol, not byte by byte. What a transcript cannot have (tokens of today, frames it cut
// short) is made anew.
import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import WebSocket from 'ws'
import * as Y from 'yjs'
import { PluvPeer } from './pluv-peer.mjs'
import { pluvToken } from './pluv-token.mjs'
import { until } from './wait.mjs'

const quietMs = 20 // a pause in a transcript after which everything before it has happened
const presenceBytes = 512
const maxDepth = 64

const depth = value => typeof value === 'object' && value !== null
  ? 1 + Math.max(0, ...Object.values(value).map(depth)) : 0

// What a frame is, as a pluv server should see it: an event, a system message, or a mistake.
function kindOf (frame) {
  let message
  try { message = JSON.parse(frame) } catch { return { kind: 'mistake' } }
  const { type, data } = message ?? {}
  const wellFormed = typeof type === 'string' && type !== '' && typeof data === 'object'
  if (!wellFormed || Array.isArray(message)) return { kind: 'mistake' }
  if (!type.startsWith('$')) {
    const nested = frame.length > 10_000 && frame.includes('['.repeat(maxDepth + 1))
    return nested || depth(data) > maxDepth ? { kind: 'mistake' } : { kind: 'event', type, data }
  }
  if (type === '$updatePresence' && !(typeof data?.presence === 'object' && data.presence !== null &&
      !Array.isArray(data.presence))) return { kind: 'mistake' }
  const presence = data?.presence
  if (type === '$initializeSession' && presence && (typeof presence !== 'object' || Array.isArray(presence))) {
    return { kind: 'mistake' }
  }
  return ['$initializeSession', '$getOthers', '$updatePresence', '$updateStorage', '$ping'].includes(type)
    ? { kind: 'system', type, data } : { kind: 'mistake' }
}

function decodes (base64) {
  if (Buffer.from(base64, 'base64').toString('base64') !== base64) return false
  try {
    Y.decodeUpdate(new Uint8Array(Buffer.from(base64, 'base64')))
    return true
  } catch { return false }
}

// What comes of an event that procedures_plugin.cc answers; null: it is not as its schema has it.
const procedures = {
  sendMessage: data => typeof data.message === 'string' ? [{ type: 'receiveMessage', data }] : null,
  doubleNumber: ({ value }) => [{ type: 'doubledNumber', data: { value: 2 * value }, self: true }],
  pingSync: ({ tag }, sessions) => [{ type: 'pongSync', data: { tag, sessions, direct: true }, self: true }],
  multi: ({ n }) => [{ type: 'multiA', data: { n } }, { type: 'multiB', data: { n: n + 1 } },
    { type: 'multiSelf', data: { n }, self: true }]
}

// What one room must have become.
class RoomBook {
  doc = new Y.Doc()
  people = new Map() // by user id: { presence, peers }

  take (base64) { Y.applyUpdate(this.doc, new Uint8Array(Buffer.from(base64, 'base64'))) }
  get empty () { return Y.encodeStateVector(this.doc).length <= 1 }
}

export class Replay {
  peers = new Map()
  all = []
  rooms = new Map()
  http = new Map()
  mistakes = 0

  constructor ({ port, secret, name, scale = 0, procedures = false }) {
    Object.assign(this, { port, secret, name, scale, procedures })
  }

  async play (records) {
    try {
      let last = records[0]?.t ?? 0
      for (const record of records) {
        if (record.t - last > quietMs) await this.settle()
        if (this.scale > 0) await pause((record.t - last) * this.scale)
        last = record.t
        await this.step(record, records)
      }
      await this.settle()
      await this.settle()
      this.judge()
    } finally {
      for (const peer of this.all) peer.socket.terminate()
    }
  }

  async step (record, records) {
    switch (record.dir) {
      case 'http': return this.http.set(record.conn, new URL('http://x' + record.req.split(' ')[1]).searchParams)
      case 'connect': return this.connect(record, records)
      case 'c2s': return this.say(record)
      case 'close': return this.close(record)
    }
  }

  room (name) {
    if (!this.rooms.has(name)) this.rooms.set(name, new RoomBook())
    return this.rooms.get(name)
  }

  // The token this connection had, made anew; and whether it is one to be let in with.
  tokenFor (conn, path, room) {
    const given = new URL('http://x' + path).searchParams.get('token')
    if (given === null) return { good: false }
    if (given === 'garbage') return { token: given, good: false }
    const asked = this.http.get(conn.split('#')[0]) ?? this.http.get('?')
    const user = { id: asked.get('user_id'), name: asked.get('name') }
    const maxAge = Number(asked.get('max_age') ?? 600)
    let token = pluvToken(this.secret, { room: asked.get('room'), user, maxAge })
    const tampered = this.name.includes('tampered') && conn.startsWith('E')
    if (tampered) token = token.slice(0, -2) + (token.endsWith('AA') ? 'BB' : 'AA')
    const ours = asked.get('room') === room && !tampered
    return { token, user, good: ours && maxAge > 0, expired: ours && maxAge <= 0 }
  }

  async connect (record, records) {
    const room = decodeURIComponent(record.path.split('?')[0].split('/').pop())
    const { token, user, good, expired } = this.tokenFor(record.conn, record.path, room)
    const url = `ws://127.0.0.1:${this.port}/api/pluv/room/${encodeURIComponent(room)}` +
      (token ? `?token=${encodeURIComponent(token)}` : '')
    const opens = records.some(other => other.conn === record.conn && other.dir === 'open')
    if (!opens) { // it was cut off, or let go, before it was open
      const socket = new WebSocket(url)
      socket.on('error', () => {})
      await pause(1)
      return socket.terminate()
    }
    const peer = new PluvPeer({ url, name: record.conn, room, user })
    peer.refused = !good
    this.peers.set(record.conn, peer)
    this.all.push(peer)
    assert.ok(await peer.opened, `${record.conn}: the upgrade is completed, whatever comes then`)
    if (peer.refused) {
      // pluv's own server ends both for good; here who is only late fetches another token.
      assert.equal(await peer.closed, expired ? 1013 : 3000, `${record.conn}: refused`)
      assert.deepEqual(peer.errors, [expired ? 'The token has expired.' : 'Not authorized'])
      return
    }
    await until(`${record.conn} is registered`, () => peer.id, { everyMs: 2 })
    this.checkRegistered(peer)
  }

  // What it showed before, if it is a user who was here; and that there is content, if there is.
  checkRegistered (peer) {
    const book = this.room(peer.room)
    const person = book.people.get(peer.user.id)
    assert.deepEqual(peer.registered.presence, person?.presence ?? null, `${peer.name}: its presence`)
    assert.equal(peer.registered.state === null, book.empty, `${peer.name}: whether there is content`)
  }

  async say (record) {
    const peer = this.peers.get(record.conn)
    if (!peer?.live) return
    const binary = record.op === 'binary'
    const frame = binary ? Buffer.from(record.data, 'base64').toString()
      : record.truncated ? this.rebuilt(record, peer) : record.data
    // As a real client: it answers what it has been told.
    if (record.type === '$updateStorage' && peer.asked.begun > 0) {
      await until(`${record.conn} has its storage`, () => peer.counts.received === peer.asked.begun || !peer.live,
        { everyMs: 2 })
    }
    if (!peer.live) return
    const errors = peer.errors.length
    peer.send(binary ? Buffer.from(frame) : frame, binary)
    await this.note(peer, kindOf(frame), errors)
  }

  // A frame that the transcript cut short: as long, and of the same kind.
  rebuilt (record, peer) {
    if (record.type === 'deep') return `{"type":"deep","data":${'['.repeat(50_000)}${']'.repeat(50_000)}}`
    const doc = new Y.Doc()
    const whole = record.data.includes('$initialized')
    if (whole) Y.applyUpdate(doc, Y.encodeStateAsUpdate(peer.doc))
    else doc.getText('text').insert(0, 'x'.repeat(record.length / 2 | 0))
    const update = Buffer.from(Y.encodeStateAsUpdate(doc)).toString('base64')
    return JSON.stringify({ type: record.type, data: { origin: whole ? '$initialized' : null, update } })
  }

  // What a frame must have brought about.
  async note (peer, frame, errorsBefore) {
    const book = this.room(peer.room)
    if (frame.kind === 'mistake') return this.expectError(peer, errorsBefore)
    if (frame.kind === 'event') return this.noteEvent(peer, frame, errorsBefore)
    const { type, data } = frame
    if (type === '$initializeSession') await this.noteBegin(peer, book, data, errorsBefore)
    if (type === '$updatePresence') await this.noteShown(peer, book, data.presence, errorsBefore)
    if (type !== '$updateStorage') return
    if (data.update === '' || data.update === null) return
    if (typeof data.update !== 'string' || !decodes(data.update)) {
      await this.expectError(peer, errorsBefore)
      assert.equal(await peer.closed, 3000, `${peer.name}: content was lost, so it ends for good`)
      peer.gone = true
      return
    }
    book.take(data.update)
    Y.applyUpdate(peer.doc, new Uint8Array(Buffer.from(data.update, 'base64')))
  }

  // An event goes to everybody as it is; what a procedure answers goes where it says.
  async noteEvent (peer, frame, errorsBefore) {
    const there = this.all.filter(other => other.live && other.id && other.room === peer.room)
    const answers = this.procedures ? procedures[frame.type]?.(frame.data, there.length) : undefined
    if (answers === null) return this.expectError(peer, errorsBefore)
    for (const { type, data, self } of answers ?? [frame]) {
      for (const other of self ? [peer] : there) {
        (other.due ??= []).push({ type, data, connectionId: peer.id, user: peer.user })
      }
    }
  }

  async noteBegin (peer, book, data, errorsBefore) {
    await this.noteShown(peer, book, data.presence ?? {}, errorsBefore)
    if (data.update && !decodes(data.update) && book.empty) {
      await this.expectError(peer, errorsBefore)
      assert.equal(await peer.closed, 3000)
      peer.gone = true
      return
    }
    await until(`${peer.name} has its storage`, () => peer.counts.received === peer.asked.begun, { everyMs: 2 })
    const kind = !book.empty ? 'unchanged' : data.update ? 'initialized' : 'empty'
    assert.equal(peer.storage, kind, `${peer.name}: what became of what it offered`)
    if (kind === 'initialized') book.take(data.update)
  }

  async noteShown (peer, book, change, errorsBefore) {
    const person = book.people.get(peer.user.id) ?? { peers: new Set() }
    const presence = { ...person.presence, ...change }
    if (Buffer.byteLength(JSON.stringify(presence)) > presenceBytes) {
      return this.expectError(peer, errorsBefore)
    }
    person.presence = presence
    person.peers.add(peer)
    peer.shown = true
    book.people.set(peer.user.id, person)
  }

  async expectError (peer, before) {
    ++this.mistakes
    await until(`${peer.name} hears of its mistake`, () => peer.errors.length > before || peer.closeCode,
      { everyMs: 2 })
    assert.ok(peer.errors.length > before || peer.closeCode === 3000, `${peer.name}: silence`)
  }

  async close (record) {
    const peer = this.peers.get(record.conn)
    if (!peer || peer.refused) return
    await peer.barrier()
    peer.gone = true
    record.code === 1006 ? peer.socket.terminate() : peer.socket.close()
    await peer.closed
  }

  // Everybody has heard of all that happened so far.
  async settle () {
    for (let round = 0; round < 2; ++round) {
      await Promise.all(this.all.map(peer => peer.barrier()))
      await pause(5)
    }
  }

  judge () {
    assert.deepEqual(this.all.flatMap(peer => peer.faults), [])
    for (const peer of this.all) this.judgePeer(peer)
  }

  judgePeer (peer) {
    if (peer.refused) return
    const left = peer.gone || !peer.live
    const events = peer.events.map(({ type, data, connectionId, user }) => ({ type, data, connectionId, user }))
    for (const sender of new Set((peer.due ?? []).map(event => event.connectionId))) {
      const of = list => list.filter(event => event.connectionId === sender)
      assert.deepEqual(of(events), of(peer.due), `${peer.name}: the events of ${sender}, in order`)
    }
    assert.equal(events.length, peer.due?.length ?? 0, `${peer.name}: events`)
    if (left) return
    assert.equal(peer.counts.others, peer.asked.others, `${peer.name}: answers to $getOthers`)
    assert.equal(peer.counts.received, peer.asked.begun, `${peer.name}: answers to $initializeSession`)
    if (peer.built && peer.counts.received > 0) {
      assert.ok(Y.equalSnapshots(Y.snapshot(peer.doc), Y.snapshot(this.room(peer.room).doc)),
        `${peer.name}: another document than the room's`)
    }
    if (peer.shown && peer.asked.others > 0) this.judgeOthers(peer)
  }

  // Whom it sees, and how: all that are there and nobody else.
  judgeOthers (peer) {
    const there = this.all.filter(other => other !== peer && other.live && other.shown && other.room === peer.room)
    const seen = new Map([...peer.others].filter(([id]) => id !== peer.id))
    assert.deepEqual([...seen.keys()].sort(), there.map(other => other.id).sort(), `${peer.name}: who is there`)
    for (const other of there) {
      assert.deepEqual(seen.get(other.id).user, other.user)
      // Of several tabs a client keeps one person; it is told of a change once, by the tab that made it.
      const tabs = there.filter(tab => tab.user.id === other.user.id).map(tab => seen.get(tab.id).presence)
      const { presence } = this.room(peer.room).people.get(other.user.id)
      assert.ok(tabs.some(shown => JSON.stringify(sorted(shown)) === JSON.stringify(sorted(presence))),
        `${peer.name}: what ${other.name} shows`)
    }
  }
}

const sorted = object => Object.fromEntries(Object.entries(object).sort(([a], [b]) => a < b ? -1 : 1))
