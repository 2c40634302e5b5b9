// All rooms that are open, by size, people or lag; and all that are stored.
import { useEffect, useState } from 'preact/hooks'
import { get } from '../live/admin.js'
import { connection, rooms } from '../live/state.js'
import { bytes, count, span } from '../parts/format.js'
import { go, hrefOf } from '../parts/place.js'
import { VirtualGrid } from '../parts/virtual-grid.jsx'

const kFirst = 200
const kMost = 500 // of the open ones at once; a search finds the others
const kStoredPage = 500

const link = name => <a class='name' href={hrefOf('room', name)} tabIndex={-1}>{name}</a>
const graded = (value, text, grade) => value > 0 ? <span class={grade}>{text}</span> : <span class='quiet'>{text}</span>

const columns = [
  { id: 'room', title: 'Room', sort: 'name', cell: row => link(row.room) },
  { id: 'state', title: 'State', wide: true, cell: row => <span class={`chip ${row.state}`}>{row.state}</span> },
  { id: 'people', title: 'People', sort: 'people', number: true, cell: row => count(row.people) },
  { id: 'bytes', title: 'Size', sort: 'bytes', number: true, cell: row => bytes(row.bytes) },
  { id: 'unsaved', title: 'Unsaved', sort: 'unsaved', number: true, wide: true, cell: row => graded(row.unsaved_bytes, row.unsaved_bytes > 0 ? `${bytes(row.unsaved_bytes)}, ${span(row.unsaved_ms)}` : '0', row.unsaved_ms > 5000 ? 'bad' : '') },
  { id: 'lag', title: 'Slow readers', sort: 'lag', number: true, wide: true, cell: row => graded(row.lagging, count(row.lagging), 'warn') },
  { id: 'idle', title: 'Idle', number: true, wide: true, cell: row => span(row.idle_ms) }
]

const sorts = [['bytes', 'size'], ['people', 'people'], ['lag', 'slow readers'], ['unsaved', 'unsaved'], ['name', 'name']]

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
  const more = () => { if (now.rows.length >= limit && now.matched > limit && limit < kMost) setLimit(Math.min(kMost, limit * 2)) }
  const left = now.matched - now.rows.length
  return (
    <>
      <p class='quiet sum' role='status'>
        {count(now.open)} open{search ? `, ${count(now.matched)} of them match` : ''}{left > 0 ? `; the first ${count(now.rows.length)} are listed${limit >= kMost ? ', a search finds the others' : ''}` : ''}
      </p>
      <VirtualGrid
        label='Open rooms' className='rooms-grid' columns={columns} rows={now.rows} total={now.matched} keyOf={row => row.room} sort={sort} onSort={onSort}
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

// A page more whenever one comes near the end.
function StoredRooms ({ from }) {
  const [state, setState] = useState({ from, rows: [], next: from, busy: false, problem: '' })
  const load = async ({ rows, next }) => {
    setState(before => ({ ...before, busy: true, problem: '' }))
    try {
      const page = await get(`/rooms?limit=${kStoredPage}&after=${encodeURIComponent(next)}`)
      setState(before => before.from === from ? { from, rows: [...rows, ...page.rooms], next: page.next, busy: false, problem: '' } : before)
    } catch (error) {
      setState(before => ({ ...before, busy: false, problem: error.message }))
    }
  }
  useEffect(() => {
    setState({ from, rows: [], next: from, busy: false, problem: '' })
    const timer = setTimeout(() => load({ rows: [], next: from }), 150)
    return () => clearTimeout(timer)
  }, [from])
  const { rows, next, busy, problem } = state
  if (problem) return <p class='problem' role='alert'>{problem} <button type='button' onClick={() => load(state)}>Try again</button></p>
  return (
    <>
      <p class='quiet sum' role='status'>{busy ? 'Loading…' : `${count(rows.length)}${next === null ? '' : ' so far'}, by name`}</p>
      <VirtualGrid
        label='Stored rooms' className='stored-grid' columns={storedColumns} rows={rows} keyOf={row => row.name} onOpen={row => go('room', row.name)}
        onNearEnd={() => { if (!busy && next !== null && rows.length > 0) load(state) }} empty={busy ? 'Loading…' : 'Nothing is stored from there on.'}
      />
    </>
  )
}
