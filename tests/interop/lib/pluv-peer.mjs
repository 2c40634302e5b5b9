// One pluv connection, with the books a real client keeps: its document, who else is there, and
// what it may be told in which order. A message that a real client would stumble over is a fault.
import assert from 'node:assert/strict'
import WebSocket from 'ws'
import * as Y from 'yjs'
import { until } from './wait.mjs'

const bytes = base64 => new Uint8Array(Buffer.from(base64, 'base64'))
const isBase64 = text => typeof text === 'string' && Buffer.from(text, 'base64').toString('base64') === text
const isTime = value => value === null || (Number.isInteger(value) && Math.abs(value - Date.now()) < 600_000)
const isObject = value => typeof value === 'object' && value !== null && !Array.isArray(value)
const systemTypes = new Set(['$registered', '$storageReceived', '$userJoined', '$othersReceived',
  '$presenceUpdated', '$storageUpdated', '$exit', '$pong', '$error', '$saved'])

export class PluvPeer {
  doc = new Y.Doc()
  others = new Map() // by connection id: { user, presence }
  events = []
  errors = []
  counts = { pong: 0, others: 0, received: 0 }
  asked = { pong: 0, others: 0, begun: 0 }
  offered = null // the update of $initializeSession
  built = false // it has uploaded "$initialized"
  gone = false // this side has ended it
  faults = []

  constructor ({ url, name, room, user }) {
    Object.assign(this, { name, room, user })
    this.socket = new WebSocket(url)
    this.opened = new Promise(resolve => {
      this.socket.once('open', () => resolve(true))
      this.socket.once('error', () => resolve(false))
    })
    this.closed = new Promise(resolve => this.socket.once('close', code => {
      this.closeCode = code
      resolve(code)
    }))
    this.socket.on('message', (data, binary) => {
      try {
        assert.equal(binary, false, 'a binary frame, which clients drop')
        this.take(JSON.parse(data.toString()))
      } catch (error) {
        if (this.faults.length < 5) this.faults.push(`${name}: ${error.message}: ${data.toString().slice(0, 200)}`)
      }
    })
  }

  get live () { return !this.gone && this.socket.readyState === WebSocket.OPEN }

  take (message) {
    const { type, data, connectionId, user } = message
    assert.equal(typeof type, 'string')
    assert.ok('connectionId' in message && 'room' in message && 'user' in message, 'no envelope')
    if (!this.id) {
      assert.ok(type === '$registered' || type === '$error', 'the first word is who one is')
    }
    if (type.startsWith('$')) {
      assert.ok(systemTypes.has(type), 'a name no client knows')
      if (type !== '$error') assert.ok(connectionId, 'clients pass over a null connectionId')
      this['on' + type.slice(1)]({ data, connectionId, user })
    } else {
      this.events.push({ type, data, connectionId, user })
    }
  }

  onregistered ({ data, connectionId, user }) {
    assert.equal(this.id, undefined, 'registered twice')
    assert.equal(data.sessionId, connectionId)
    assert.deepEqual(user, this.user)
    assert.ok(data.presence === null || isObject(data.presence))
    assert.ok(data.state === null || isBase64(data.state))
    assert.ok(isTime(data.timers.presence), 'when its presence was last changed')
    this.id = connectionId
    this.registered = data
  }

  onstorageReceived ({ data }) {
    assert.ok(++this.counts.received <= this.asked.begun, 'storage that was not asked for')
    assert.ok(['empty', 'initialized', 'unchanged'].includes(data.changeKind))
    assert.ok(isBase64(data.state) && data.state !== '')
    const state = bytes(data.state)
    if (data.changeKind === 'empty') assert.ok(!this.offered, 'empty makes a client throw its document away')
    if (data.changeKind === 'initialized') {
      assert.ok(this.offered, 'it offered nothing')
      const own = new Y.Doc()
      Y.applyUpdate(own, state)
      const before = Y.snapshot(own)
      Y.applyUpdate(own, bytes(this.offered))
      assert.ok(Y.equalSnapshots(before, Y.snapshot(own)), 'the state lacks what it offered')
    }
    Y.applyUpdate(this.doc, state)
    this.storage = data.changeKind
  }

  onstorageUpdated ({ data, connectionId }) {
    assert.ok(this.built, 'an edit before its own document stands breaks a client for good')
    assert.notEqual(connectionId, this.id, 'its own edit, sent back')
    assert.ok(isBase64(data.state))
    Y.applyUpdate(this.doc, bytes(data.state))
    this.updateBytes = Math.max(this.updateBytes ?? 0, data.state.length)
  }

  onuserJoined ({ data, connectionId, user }) {
    assert.equal(data.connectionId, connectionId)
    assert.deepEqual(data.user, user, "the envelope's user is the sender's")
    assert.ok(isObject(data.presence), 'what somebody showed when it came')
    assert.ok(isTime(data.timers.presence), 'when its presence was last changed')
    assert.ok(!this.others.has(connectionId) || connectionId === this.id, 'joined twice')
    this.others.set(connectionId, { user, presence: data.presence })
  }

  onothersReceived ({ data }) {
    assert.ok(++this.counts.others <= this.asked.others, 'others that were not asked for')
    for (const [id, other] of Object.entries(data.others)) {
      assert.equal(other.connectionId, id)
      assert.notEqual(id, this.id, 'one is not among the others')
      assert.equal(other.room, this.room)
      assert.ok(isObject(other.presence))
      assert.ok(isTime(other.timers.presence))
      this.others.set(id, { user: other.user, presence: other.presence })
    }
  }

  onpresenceUpdated ({ data, connectionId, user }) {
    // Somebody who was here before it and whom it has not asked for yet is added by this.
    if (this.counts.others === 0 && !this.others.has(connectionId)) {
      this.others.set(connectionId, { user, presence: {} })
    }
    const known = this.others.get(connectionId)
    assert.ok(known, 'of somebody who never joined')
    assert.deepEqual(user, known.user)
    assert.ok(isObject(data.presence))
    assert.ok(isTime(data.timers.presence))
    known.presence = { ...known.presence, ...data.presence }
  }

  onexit ({ data, connectionId }) {
    assert.equal(data.sessionId, connectionId)
    assert.ok(this.others.delete(connectionId) || this.counts.others === 0, 'of somebody who is not there')
  }

  onpong () { assert.ok(++this.counts.pong <= this.asked.pong, 'a pong without a ping') }
  onsaved () {}

  onerror ({ data }) {
    assert.equal(typeof data.message, 'string')
    assert.ok(data.message.length < 200 && !('stack' in data), 'a short message, without a stack')
    this.errors.push(data.message)
  }

  // A frame of the transcript, with the effects it has on a real client's own books.
  send (frame, binary = false) {
    this.socket.send(frame, { binary })
    let message
    try { message = JSON.parse(frame.toString()) } catch { return }
    const data = message?.data
    if (message?.type === '$ping') ++this.asked.pong
    if (message?.type === '$getOthers') ++this.asked.others
    if (message?.type === '$initializeSession') {
      ++this.asked.begun
      this.offered = data.update || null
    }
    if (message?.type === '$updateStorage' && data?.origin === '$initialized') this.built = true
  }

  // All that was sent before is worked off, and its answers are here.
  async barrier () {
    if (!this.live || !this.id) return
    const due = ++this.asked.pong
    this.socket.send('{"type":"$ping","data":{}}')
    await until(`${this.name} hears its pong`, () => this.counts.pong >= due || !this.live,
      { withinMs: 10_000, everyMs: 2 })
  }
}
