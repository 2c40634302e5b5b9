// One room, as it is now.
import { useEffect, useState } from 'preact/hooks'
import { ask, download, roomPath } from '../live/admin.js'
import { room, unwatchRoom, watchRoom } from '../live/state.js'
import { Ask } from '../parts/dialog.jsx'
import { Figure, Figures } from '../parts/figure.jsx'
import { bytes, count, span } from '../parts/format.js'
import { listOf } from '../parts/given.js'
import { go, hrefOf, place } from '../parts/place.js'
import { Tabs } from '../parts/tabs.jsx'
import { DocumentPart } from './room/document.jsx'
import { GrowthPart } from './room/growth.jsx'
import { PeoplePart, toldTooMuch } from './room/people.jsx'
import { PresencePart } from './room/presence.jsx'
import { UpdatesPart } from './room/updates.jsx'

const parts = [
  ['people', 'People', PeoplePart], ['presence', 'Presence', PresencePart], ['document', 'Document', DocumentPart], ['updates', 'Updates', UpdatesPart],
  ['growth', 'Growth', GrowthPart]
]

export function RoomView () {
  const { name, part } = place.value
  const at = parts.some(([id]) => id === part) ? part : 'people'
  useEffect(() => {
    watchRoom(name)
    return unwatchRoom
  }, [name])
  const Part = parts.find(([id]) => id === at)[2]
  const now = room.value
  return (
    <section class='whole' aria-labelledby='room-title'>
      <div class='bar'>
        <a href={hrefOf('rooms')} class='back' aria-label='All rooms'>←</a>
        <h1 id='room-title' class='name'>{name}</h1>
        {now ? <span class={`chip ${now.state}`}>{now.state}</span> : null}
        <Actions name={name} connections={now?.people_total ?? 0} />
      </div>
      {now?.state === 'closed' ? <p class='quiet'>It is not open. What is stored of it is under Document; it is shown here when somebody comes.</p> : now ? <Summary now={now} /> : <p class='quiet' role='status'>Loading…</p>}
      <Tabs label='Parts of the room' tabs={parts.map(([id, title]) => ({ id, title }))} at={at} onSelect={id => location.replace(hrefOf('room', name, id))}>
        <Part name={name} now={now} />
      </Tabs>
    </section>
  )
}

function Summary ({ now }) {
  const [document, stored, unsaved] = [now.document ?? {}, now.stored ?? {}, now.unsaved ?? {}]
  const people = listOf(now.people)
  const slow = people.filter(person => person.lagging).length
  const ahead = people.filter(person => toldTooMuch(person) > 0).length
  return (
    <Figures label='The room now'>
      <Figure name='Connections'>{count(now.people_total)}</Figure>
      <Figure name='Slow readers' grade={slow > 0 ? 'warn' : ''}>{count(slow)}</Figure>
      <Figure name='Document' note={`${count(document.clients_total)} clients`}>{bytes(document.bytes)}</Figure>
      <Figure name='On disk' note={`${count(stored.rows)} rows`}>{bytes(stored.bytes)}</Figure>
      <Figure name='Unsaved' note={unsaved.updates > 0 ? `${count(unsaved.updates)} updates, ${span(unsaved.ms)}` : ''} grade={unsaved.ms > 5000 ? 'bad' : ''}>{bytes(unsaved.bytes ?? 0)}</Figure>
      {ahead > 0 ? <Figure name='Told too much' grade='bad' note='saved, and not on disk'>{count(ahead)}</Figure> : null}
    </Figures>
  )
}

function Actions ({ name, connections }) {
  const [asking, setAsking] = useState('')
  const [problem, setProblem] = useState('')
  const save = async (part, ending) => {
    setProblem('')
    try { await download(roomPath(name, part), `${name.replace(/[^\w.-]+/g, '_')}.${ending}`) } catch (error) { setProblem(error.message) }
  }
  const done = () => setAsking('')
  return (
    <div class='buttons'>
      {problem ? <span class='problem' role='alert'>{problem}</span> : null}
      <button type='button' onClick={() => save('/update', 'update')} title='Its state as one Yjs update'>Export</button>
      <button type='button' onClick={() => save('/json', 'json')} aria-label='Export as JSON'>JSON</button>
      <button type='button' onClick={() => setAsking('evict')}>Evict</button>
      <button type='button' class='dangerous' onClick={() => setAsking('delete')}>Delete…</button>
      {asking === 'evict'
        ? <Ask title='Close all connections of this room?' yes='Evict' onNo={done} onYes={async () => { await ask('POST', roomPath(name, '/evict')); done() }}><p>{count(connections)} {connections === 1 ? 'connection is' : 'connections are'} closed, and their people may come back at once. The document stays as it is.</p></Ask>
        : null}
      {asking === 'delete'
        ? <Ask title='Delete this room?' yes='Delete for good' dangerous typed={name} onNo={done} onYes={async () => { await ask('DELETE', roomPath(name)); go('rooms') }}><p>The document and its history go, and {count(connections)} {connections === 1 ? 'connection is' : 'connections are'} closed. There is no way back but a backup.</p></Ask>
        : null}
    </div>
  )
}
