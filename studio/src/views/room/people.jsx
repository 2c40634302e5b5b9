// Who is in the room, and what each believes saved against what is on disk.
import { useState } from 'preact/hooks'
import { ask, roomPath } from '../../live/admin.js'
import { bytes, count, userName, when } from '../../parts/format.js'
import { listOf } from '../../parts/given.js'
import { VirtualGrid } from '../../parts/virtual-grid.jsx'

// How many of one's updates it was told are saved, and are not on disk: there should be none.
export const toldTooMuch = ({ saved, on_disk: onDisk }) => Number.isFinite(onDisk) ? Math.max(0, saved - onDisk) : 0

function Saved ({ person }) {
  const { sent, saved } = person
  if (![sent, saved, person.on_disk].every(Number.isFinite)) return <span class='quiet'>–</span>
  if (toldTooMuch(person) > 0) return <span class='bad'>{count(toldTooMuch(person))} told saved, not on disk</span>
  if (sent > saved) return <span class='warn'>{count(sent - saved)} on the way</span>
  return <span class={sent > 0 ? 'good' : 'quiet'}>{sent > 0 ? `all ${count(sent)}` : 'sent nothing'}</span>
}

// Who has not been asked who they are may still show a name, which is theirs to choose.
function Who ({ user, shown }) {
  const says = user === null && shown?.user ? userName(shown.user) : ''
  return <span class='name'>{userName(user)}{says && says !== 'anonymous' ? <span class='quiet'> shows {says}</span> : null}</span>
}

export function PeoplePart ({ name, now }) {
  const [problem, setProblem] = useState('')
  if (!now) return null
  const evict = async session => {
    setProblem('')
    try { await ask('POST', roomPath(name, `/evict?session=${session}`)) } catch (error) { setProblem(error.message) }
  }
  const shown = new Map(listOf(now.presence).map(({ session, state }) => [session, state]))
  const columns = [
    { id: 'user', title: 'Who', cell: person => <Who user={person.user} shown={shown.get(person.session)} /> },
    { id: 'saved', title: 'Saved', cell: person => <Saved person={person} /> },
    { id: 'sent', title: 'Sent', number: true, wide: true, cell: person => count(person.sent) },
    { id: 'told', title: 'Told saved', number: true, wide: true, cell: person => count(person.saved) },
    { id: 'disk', title: 'On disk', number: true, wide: true, cell: person => count(person.on_disk) },
    { id: 'queue', title: 'Waits for them', number: true, wide: true, cell: person => <span class={person.lagging ? 'warn' : person.queued_bytes > 0 ? '' : 'quiet'}>{bytes(person.queued_bytes ?? 0)}{person.lagging ? ', slow' : ''}</span> },
    { id: 'wire', title: 'Wire', wide: true, cell: person => <>{(person.protocol ?? '').replace(/^protocol-/, '')}{person.permission === 'read-write' ? '' : <span class='quiet'> {person.permission}</span>}</> },
    { id: 'address', title: 'From', wide: true, cell: person => <span class='name'>{person.address}</span> },
    { id: 'since', title: 'Since', number: true, wide: true, cell: person => when(person.since_ms) },
    { id: 'evict', title: <span class='hidden'>Evict</span>, number: true, cell: person => <button type='button' class='plain' onClick={() => evict(person.session)} aria-label={`Evict ${userName(person.user)}, session ${person.session}`}>evict</button> }
  ]
  const people = listOf(now.people)
  return (
    <>
      {problem ? <p class='problem' role='alert'>{problem}</p> : null}
      {now.people_total > people.length ? <p class='quiet sum'>The first {count(people.length)} of {count(now.people_total)} connections.</p> : null}
      <VirtualGrid label='People' className='people-grid' columns={columns} rows={people} total={now.people_total ?? people.length} keyOf={person => person.session} empty='Nobody is here.' />
    </>
  )
}
