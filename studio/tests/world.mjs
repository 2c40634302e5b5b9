// A server that is not there: rooms, people and updates as the admin's stream tells of them, made up and always the same.
const states = ['live', 'live', 'live', 'asleep', 'busy', 'loading', 'failed', 'closing']
export const kHostile = '<img src=x onerror=alert(1)>'
const fields = ['at_ms', 'edits', 'deliveries', 'bytes_in', 'bytes_out', 'commit_p50_us', 'commit_p99_us', 'memory_bytes', 'documents_bytes', 'unsaved_bytes', 'rooms', 'sessions']

// 0 to 1, and of the same n the same.
const chance = n => { const x = Math.sin(n * 12.9898) * 43758.5453; return x - Math.floor(x) }

export function second (at, total) {
  const wave = 1 + Math.sin(at / 300_000) * 0.5 + chance(at) * 0.2
  return {
    at_ms: at, edits: 1800 * wave, deliveries: 9000 * wave, bytes_in: 190_000 * wave, bytes_out: 940_000 * wave, commit_p50_us: 900 * wave, commit_p99_us: 4200 * wave,
    memory_bytes: 280e6 * (1 + wave / 10), documents_bytes: 120e6 * (1 + wave / 10), unsaved_bytes: 20_000 * wave, rooms: total, sessions: 700,
    connections: 720, lagging: 2, held: 0, shard_busy: [0.12 * wave, 0.4 * wave]
  }
}

export function hello (total) {
  const now = Date.now()
  const rows = Array.from({ length: 360 }, (_, i) => second(now - (360 - i) * 10_000, total)).map(row => fields.map(field => row[field]))
  return { version: '0.2.0', node: 'mock', started_ms: now - 5_000_000, now_ms: now, shards: 2, history: { every_ms: 10_000, fields, rows } }
}

export function roomsOf (total) {
  return Array.from({ length: total }, (_, i) => {
    const people = Math.max(0, Math.floor(30 / (chance(i) + 0.06)) - 40) // many have none, some have hundreds
    return {
      room: i === 7 ? kHostile : `notes/${String(i).padStart(5, '0')}`, state: people > 0 ? 'live' : states[Math.floor(chance(i + 0.5) * states.length)], people, shown: people,
      bytes: Math.floor(40e3 / (chance(i * 3) + 0.0008)), unsaved_bytes: i % 9 === 0 ? 2000 : 0, unsaved_ms: i % 9 === 0 ? 12 : 0, lagging: i % 500 === 0 ? 3 : 0, idle_ms: Math.floor(chance(i + 0.2) * 9e6)
    }
  })
}

const orders = {
  bytes: (a, b) => b.bytes - a.bytes, people: (a, b) => b.people - a.people, lag: (a, b) => b.lagging - a.lagging, unsaved: (a, b) => b.unsaved_bytes - a.unsaved_bytes,
  name: (a, b) => a.room < b.room ? -1 : 1
}
export function ranked (all, { sort = 'bytes', search = '', limit = 100 }) {
  const matched = all.filter(row => row.room.toLowerCase().includes(search.toLowerCase())).sort(orders[sort])
  return { open: all.length, matched: matched.length, sort, rows: matched.slice(0, limit) }
}

export function roomOf (name, people, written) {
  return {
    room: name, state: 'live', epoch: 'a1b2c3',
    document: {
      version: written, bytes: 4_200_000, clients_total: 240, deleted_total: 81_000,
      clients: Array.from({ length: 100 }, (_, i) => ({ client: 1_000_000 + i * 7919, clock: Math.floor(90_000 / (i + 1)), deleted: Math.floor(20_000 / (i + 1)), user: i % 3 === 0 ? `user-${i}` : null }))
    },
    stored: { sequence: 4810 + written, rows: 312, bytes: 3_900_000 }, unsaved: { bytes: 1200, updates: 14, ms: 8 },
    people_total: people,
    people: Array.from({ length: Math.min(500, people) }, (_, i) => ({
      session: i + 1, user: i % 5 === 4 ? null : { id: `user-${i}`, name: i === 3 ? kHostile : `Person ${i}` }, protocol: ['yjs', 'hocuspocus', 'pluv'][i % 3], address: `192.0.2.${i % 250}`,
      permission: i % 7 === 6 ? 'read-only' : 'read-write', since_ms: Date.now() - i * 60_000, clients: [1000 + i], sent: 100 * i, saved: 100 * i - (i % 4 === 1 ? 3 : 0), on_disk: 100 * i - (i % 4 === 1 ? 3 : 0) - (i === 8 ? 2 : 0),
      queued_bytes: i === 10 ? 900_000 : 0, lagging: i === 10
    })),
    presence: Array.from({ length: Math.min(500, people) }, (_, i) => ({ client: 1000 + i, session: i + 1, state: { user: { name: `Person ${i}`, color: '#0b6583' }, cursor: { anchor: i, head: i } } })),
    authors_read: true,
    authors: [{ user: 'user-0', at_ms: Date.now() - 2000, rows: 12 }, { user: kHostile, at_ms: Date.now() - 60_000, rows: 3 }]
  }
}

// Two of fourteen have no session here: of the one there is a user, of the other nothing.
const writers = { 0: { session: null, user: null }, 7: { session: null, user: { id: 'ann', name: 'Ann of another node' } } }

export function updateOf (name, n) {
  return {
    room: name, at_ms: Date.now(), session: n % 40 + 1, user: { id: `user-${n % 40}`, name: `Person ${n % 40}` }, ...writers[n % 14], bytes: 24, structs: 1, deletes: 0,
    operations: [n % 5 === 0 ? { op: 'delete', client: 1000, clock: n, length: 2 } : { op: 'insert', client: 1000, clock: n, length: 1, parent: 'notes', content: n % 11 === 0 ? kHostile : 'abc'[n % 3] }], more: 0
  }
}

// The first of those behind a name, as the admin lists what is stored.
export function storedAfter (all, after, limit) {
  const rooms = all.map(({ room, bytes }) => ({ name: room, bytes })).filter(({ name }) => name > after).sort((a, b) => a.name < b.name ? -1 : 1).slice(0, limit)
  return { rooms, next: rooms.length === limit ? rooms.at(-1).name : null }
}

export function storedInfo (all, name) {
  const found = all.find(({ room }) => room === name)
  return found && { name, stored: { snapshot_bytes: found.bytes - 100, log_bytes: 100 }, loaded: null }
}

// A message of which so much is null: 'numbers', 'lists', or 'inner': lists in lists.
export function hollowed (value, what, depth = 0) {
  if (typeof value === 'number') return what === 'numbers' ? null : value
  if (value === null || typeof value !== 'object') return value
  if (!Array.isArray(value)) return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, hollowed(each, what, depth)]))
  if (what === 'lists' || (what === 'inner' && depth > 0)) return null
  return value.map(each => hollowed(each, what, depth + 1))
}

export const outline = {
  room: 'x', more: 0, roots: [
    { name: 'notes', kind: 'text', length: 31, text: 'Hello, <b>world</b>, in a text.' },
    { name: 'settings', kind: 'map', length: 2, children: [{ name: 'title', kind: 'value', value: kHostile }, { name: 'tags', kind: 'array', length: 2, children: [{ kind: 'value', value: 'a' }, { kind: 'value', value: { b: [1, 2] } }] }] },
    { name: 'prosemirror', kind: 'xml-fragment', length: 1, children: [{ kind: 'xml-element', tag: 'paragraph', attributes: { align: 'left' }, children: [{ kind: 'xml-text', length: 5, text: 'words' }], more: 40 }] }
  ]
}

export const plugins = [
  { id: 'platform-ws', version: '0.2.0', path: '/usr/lib/freshet/plugins/platform-ws.so', essential: false, services: ['freshet.platform/0'], settings: { shards: 0, origins: ['https://example.com'] }, calls: [] },
  { id: 'store-sqlite', version: '0.2.0', path: '/usr/lib/freshet/plugins/store-sqlite.so', essential: true, services: ['freshet.store/0'], settings: { path: 'data/freshet.db' }, calls: [{ function: 'append', count: 48_210, failed: 0, late: 0, refused: 0, p50_us: 900, p99_us: 4100, waiting: 1 }, { function: 'load', count: 720, failed: 2, late: 1, refused: 0, p50_us: 300, p99_us: 9000, waiting: 0 }] },
  { id: 'auth-jwt', version: '0.1.0', path: '/usr/lib/freshet/plugins/auth-jwt.so', essential: false, services: ['freshet.auth/0', 'freshet.http/0'], settings: { secret: '***' }, calls: [{ function: 'identify', count: 1200, failed: 0, late: 0, refused: 3, p50_us: 80, p99_us: 300, waiting: 0 }] }
]
