// All rooms that are open, by size, connections or lag; and all that are stored.
import { useEffect, useState } from 'preact/hooks'
import { get, roomPath } from '../live/admin.js'
import { connection, rooms } from '../live/state.js'
import { bytes, count, span } from '../parts/format.js'
import { listOf } from '../parts/given.js'
import { go, hrefOf } from '../parts/place.js'
import { VirtualGrid } from '../parts/virtual-grid.jsx'

const kFirst = 200
const kMost = 500 // of the open ones at once; a search finds the others
const kStoredPage = 500
const kStoredMost = 5000

const link = name => <a class='name' href={hrefOf('room', name)} tabIndex={-1}>{name}</a>
const graded = (value, text, grade) => value > 0 ? <span class={grade}>{text}</span> : <span class='quiet'>{text}</span>

const columns = [
  { id: 'room', title: 'Room', sort: 'name', cell: row => link(row.room) },
  { id: 'state', title: 'State', wide: true, cell: row => <span class={`chip ${row.state}`}>{row.state}</span> },
  { id: 'people', title: 'Connections', sort: 'people', number: true, cell: row => count(row.people) },
  { id: 'bytes', title: 'Size', sort: 'bytes', number: true, cell: row => bytes(row.bytes) },
  { id: 'unsaved', title: 'Unsaved', sort: 'unsaved', number: true, wide: true, cell: row => graded(row.unsaved_bytes, row.unsaved_bytes > 0 ? `${bytes(row.unsaved_bytes)}, ${span(row.unsaved_ms)}` : '0', row.unsaved_ms > 5000 ? 'bad' : '') },
  { id: 'lag', title: 'Slow readers', sort: 'lag', number: true, wide: true, cell: row => graded(row.lagging, count(row.lagging), 'warn') },
  { id: 'idle', title: 'Idle', number: true, wide: true, cell: row => span(row.idle_ms) }
]

const sorts = [['bytes', 'size'], ['people', 'connections'], ['lag', 'slow readers'], ['unsaved', 'unsaved'], ['name', 'name']]

export function RoomsView () {
  const [search, setSearch] = useState('')
  const [sort, setSort] = useState('bytes')
  const [stored, setStored] = useState(false)
  return (
    <section class='whole' aria-labelledby='rooms-title'>
      <div class='bar'>
        <h1 id='rooms-title'>Rooms</h1>
        <input
          type='search' data-search value={search} placeholder={stored ? 'Names from … on' : 'Search'} aria-label={stored ? 'Names from here on' : 'Search rooms'} aria-keyshortcuts='/'
          onInput={event => setSearch(event.target.value)} spellcheck={false} autocomplete='off'
        />
        <label class='inline'>Show<select value={stored ? 'stored' : 'open'} onChange={event => setStored(event.target.value === 'stored')}><option value='open'>open now</option><option value='stored'>all that are stored</option></select></label>
        {stored ? null : <label class='inline'>by<select value={sort} onChange={event => setSort(event.target.value)}>{sorts.map(([id, title]) => <option key={id} value={id}>{title}</option>)}</select></label>}
      </div>
      {stored ? <StoredRooms from={search} /> : <OpenRooms search={search} sort={sort} onSort={setSort} />}
    </section>
  )
}

function OpenRooms ({ search, sort, onSort }) {
  const [limit, setLimit] = useState(kFirst)
  useEffect(() => { connection.watch('rooms', { sort, search, limit }) }, [sort, search, limit])
  useEffect(() => {
    rooms.value = null
    return () => connection.unwatch('rooms')
  }, [])
  const now = rooms.value
  if (now === null) return <p class='quiet' role='status'>Loading…</p>
  const rows = listOf(now.rows)
  const more = () => { if (rows.length >= limit && now.matched > limit && limit < kMost) setLimit(Math.min(kMost, limit * 2)) }
  const left = now.matched - rows.length
  return (
    <>
      <p class='quiet sum' role='status'>
        {count(now.open)} open{search ? `, ${count(now.matched)} of them match` : ''}{left > 0 ? `; the first ${count(rows.length)} are listed${limit >= kMost ? ', a search finds the others' : ''}` : ''}
      </p>
      <VirtualGrid
        label='Open rooms' className='rooms-grid' columns={columns} rows={rows} total={now.matched ?? rows.length} keyOf={row => row.room} sort={sort} onSort={onSort}
        onOpen={row => go('room', row.room)} onNearEnd={more}
        empty={search ? 'No open room has that in its name.' : 'No room is open. One opens when its first client comes.'}
      />
    </>
  )
}

const storedColumns = [
  { id: 'room', title: 'Room', cell: row => link(row.name) },
  { id: 'bytes', title: 'Stored', number: true, cell: row => bytes(row.bytes) }
]

// The room of that very name, which a list of those after it leaves out. null: nothing is stored by it.
async function storedRoom (name) {
  if (name === '') return null
  try {
    const { stored } = await get(roomPath(name))
    return stored ? { name, bytes: (stored.snapshot_bytes ?? 0) + (stored.log_bytes ?? 0) } : null
  } catch (error) {
    if (error.status >= 500) throw error
    return null // there is none, or it is no name; a server that cannot be reached does not list them either
  }
}

async function storedAfter (name) {
  const { rooms, next } = await get(`/rooms?limit=${kStoredPage}&after=${encodeURIComponent(name)}`)
  return { rows: listOf(rooms), next: next ?? null }
}

// A page more whenever one comes near the end.
function StoredRooms ({ from }) {
  const [state, setState] = useState({ from, rows: [], next: from, busy: true, problem: '' })
  // Whose `from` was typed over since then says nothing.
  const change = to => setState(before => before.from === from ? { ...before, ...to } : before)
  const load = async ({ rows, next }) => {
    change({ busy: true, problem: '' })
    try {
      const [exact, page] = await Promise.all([rows.length === 0 ? storedRoom(from) : null, storedAfter(next)])
      change({ rows: [...rows, ...exact ? [exact] : [], ...page.rows].slice(0, kStoredMost), next: page.next, busy: false })
    } catch (error) {
      change({ busy: false, problem: error.message })
    }
  }
  useEffect(() => {
    setState({ from, rows: [], next: from, busy: true, problem: '' })
    const timer = setTimeout(() => load({ rows: [], next: from }), 150)
    return () => clearTimeout(timer)
  }, [from])
  const { rows, next, busy, problem } = state
  if (problem) return <p class='problem' role='alert'>{problem} <button type='button' onClick={() => load(state)}>Try again</button></p>
  const full = rows.length >= kStoredMost && next !== null
  const sum = full ? `The first ${count(rows.length)} by name; to see those behind them, type a name to begin with` : `${count(rows.length)}${next === null ? '' : ' so far'}, by name`
  return (
    <>
      <p class='quiet sum' role='status'>{busy ? 'Loading…' : sum}</p>
      <VirtualGrid
        label='Stored rooms' className='stored-grid' columns={storedColumns} rows={rows} keyOf={row => row.name} onOpen={row => go('room', row.name)}
        onNearEnd={() => { if (!busy && !full && next !== null && rows.length > 0) load(state) }} empty={busy ? 'Loading…' : 'Nothing is stored from there on.'}
      />
    </>
  )
}
