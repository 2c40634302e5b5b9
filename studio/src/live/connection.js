// The admin's live stream: one WebSocket, opened again when it breaks, and what is watched by it.
//
// Messages are taken as they come and handed on once a frame. Of a state only the newest waits, of lists the newest
// few, so that a page that gets no frames (behind other windows) holds no more than one that does.
import { signal } from '@preact/signals'
import { listOf } from '../parts/given.js'
import { adminUrl, forgetKey, key } from './key.js'

const kKept = 500 // of each list, until the next frame
const kHiddenMs = 30_000 // a page that nobody sees for so long looks no more
const kRetryMs = [250, 500, 1000, 2000, 4000, 8000]
const kWrongKey = 4401
const kLater = [4503, 4529] // too much at once, or too many wrong keys from this address: nothing is said of this one
const kLaterTries = 3 // as if so many had failed: such a server is not asked four times a second

// 'connecting', 'open', 'lost' and 'refused' (and trying), 'locked' (a key is wanted), 'hidden'
export const link = signal('connecting')
export const lockReason = signal('')

const kLists = ['update', 'updates_skipped', 'logs', 'logs_skipped']

export class Connection {
  #watches = new Map() // kind -> what was asked
  #takers = new Map() // kind -> function
  #waiting = {}
  #frame = 0
  #socket = null
  #tries = 0
  #timer = 0
  #hidden = 0

  constructor () {
    document.addEventListener('visibilitychange', () => this.#onVisibility())
  }

  // `taker` is given what came of that kind since the last frame: one object, of lists an array.
  on (kind, taker) { this.#takers.set(kind, taker) }

  watch (kind, what = {}) {
    this.#watches.set(kind, what)
    this.#send({ watch: kind, ...what })
  }

  unwatch (kind) {
    const what = this.#watches.get(kind)
    if (!this.#watches.delete(kind)) return
    this.#send({ unwatch: kind, ...(what.room === undefined ? {} : { room: what.room }) })
  }

  open () {
    clearTimeout(this.#timer)
    const socket = new WebSocket(adminUrl('/live').replace(/^http/, 'ws'))
    this.#socket = socket
    if (!['lost', 'refused'].includes(link.value)) link.value = 'connecting'
    socket.onopen = () => {
      if (key()) socket.send(JSON.stringify({ key: key() }))
      for (const [kind, what] of this.#watches) this.#send({ watch: kind, ...what })
    }
    socket.onmessage = event => this.#take(event.data)
    socket.onclose = event => {
      if (socket === this.#socket) this.#onClose(event)
    }
  }

  #send (message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message))
  }

  #onClose ({ code, reason }) {
    this.#socket = null
    if (code === kWrongKey) {
      lockReason.value = key() ? 'That key is not the one of [server] admin_key.' : ''
      forgetKey()
      link.value = 'locked'
      return
    }
    if (link.value === 'hidden') return
    const later = kLater.includes(code)
    link.value = later ? 'refused' : 'lost'
    lockReason.value = reason
    if (later) this.#tries = Math.max(this.#tries, kLaterTries)
    const pause = kRetryMs[Math.min(this.#tries++, kRetryMs.length - 1)]
    this.#timer = setTimeout(() => this.open(), pause * (0.75 + Math.random() / 2))
  }

  #onVisibility () {
    clearTimeout(this.#hidden)
    if (document.visibilityState === 'hidden') {
      this.#hidden = setTimeout(() => {
        if (link.value === 'locked') return
        clearTimeout(this.#timer)
        link.value = 'hidden'
        this.#socket?.close(1000)
      }, kHiddenMs)
    } else if (link.value === 'hidden') {
      this.#tries = 0
      link.value = 'connecting'
      this.open()
    }
  }

  #take (text) {
    let message
    try { message = JSON.parse(text) ?? {} } catch { return }
    // Who is let in hears at once; a wrong key hears a close.
    this.#tries = 0
    if (link.value !== 'open') {
      link.value = 'open'
      lockReason.value = ''
    }
    for (const [kind, value] of Object.entries(message)) this.#put(kind, value)
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#handOn())
  }

  #put (kind, value) {
    if (value === null) return
    if (!kLists.includes(kind)) {
      this.#waiting[kind] = value
      return
    }
    const list = (this.#waiting[kind] ??= [])
    if (Array.isArray(value)) list.push(...listOf(value))
    else list.push(value)
    if (list.length > kKept) list.splice(0, list.length - kKept)
  }

  #handOn () {
    this.#frame = 0
    const waiting = this.#waiting
    this.#waiting = {}
    for (const [kind, value] of Object.entries(waiting)) this.#takers.get(kind)?.(value)
  }
}
