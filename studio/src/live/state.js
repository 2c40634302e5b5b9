// What the page knows, as signals; filled by the stream, once a frame. Every list has a bound.
import { batch, signal } from '@preact/signals'
import { listOf } from '../parts/given.js'
import { Connection } from './connection.js'

export const kUpdatesKept = 300
export const kLogsKept = 2000
const kHistoryRows = 360

export const hello = signal(null)
export const server = signal(null) // the last second
export const history = signal([]) // objects by field, oldest first: the last hour
export const rooms = signal(null)
export const room = signal(null)
export const updates = signal([]) // of the watched room, newest first
export const skipped = signal({ updates: 0, bytes: 0 }) // since the room is watched
export const logs = signal([])
export const logsSkipped = signal(0)
export const plugins = signal(null)

export const connection = new Connection()

let serial = 0
let span = [] // seconds that are not a row of the history yet

const byName = (fields, row) => Object.fromEntries(fields.map((field, i) => [field, row[i]]))
const rates = ['edits', 'deliveries', 'bytes_in', 'bytes_out']

// As the server makes a row of its seconds: rates on average, the slowest commit, what else there is as it is at the end.
function rowOf (seconds) {
  const last = seconds.at(-1)
  const row = { ...last }
  for (const field of rates) row[field] = seconds.reduce((sum, second) => sum + (second[field] ?? 0), 0) / seconds.length
  row.commit_p99_us = Math.max(...seconds.map(second => second.commit_p99_us ?? 0))
  return row
}

function onSecond (second) {
  const every = hello.value?.history?.every_ms ?? 10_000
  const now = { ...second, at_ms: second.at_ms ?? Date.now() }
  server.value = now
  span.push(now)
  if (now.at_ms - span[0].at_ms < every - 500) return
  history.value = [...history.value, rowOf(span)].slice(-kHistoryRows)
  span = []
}

function onHello (value) {
  span = []
  hello.value = value
  const fields = listOf(value.history?.fields)
  history.value = listOf(value.history?.rows).map(row => byName(fields, row)).filter(row => row.at_ms > 0)
  updates.value = []
  logs.value = []
  logsSkipped.value = 0
}

const wanted = name => name === watchedRoom.value
export const watchedRoom = signal(null)

function onUpdates (list) {
  const fresh = list.filter(update => wanted(update.room)).map(update => ({ ...update, serial: ++serial })).reverse()
  if (fresh.length > 0) updates.value = [...fresh, ...updates.value].slice(0, kUpdatesKept)
}

function onSkipped (list) {
  const sum = { ...skipped.value }
  for (const each of list.filter(each => wanted(each.room))) {
    sum.updates += each.updates ?? 0
    sum.bytes += each.bytes ?? 0
  }
  skipped.value = sum
}

const takers = {
  hello: onHello,
  server: onSecond,
  rooms: value => { rooms.value = value },
  room: value => { if (wanted(value.room)) room.value = value },
  update: onUpdates,
  updates_skipped: onSkipped,
  logs: lines => { logs.value = [...logs.value, ...lines.map(line => ({ ...line, serial: ++serial }))].slice(-kLogsKept) },
  logs_skipped: counts => { logsSkipped.value += counts.reduce((sum, count) => sum + count, 0) },
  plugins: value => { plugins.value = value }
}
for (const [kind, taker] of Object.entries(takers)) connection.on(kind, value => batch(() => taker(value)))

export function watchRoom (name) {
  batch(() => {
    watchedRoom.value = name
    room.value = null
    updates.value = []
    skipped.value = { updates: 0, bytes: 0 }
  })
  connection.watch('room', { room: name })
}

export function unwatchRoom () {
  connection.unwatch('room')
  watchedRoom.value = null
}

export function watchLogs (level) {
  batch(() => {
    logs.value = []
    logsSkipped.value = 0
  })
  connection.watch('logs', { level })
}
