// What people show of themselves: names, colours, carets, whatever their editors send.
import { brief, count, userName } from '../../parts/format.js'
import { listOf } from '../../parts/given.js'
import { VirtualGrid } from '../../parts/virtual-grid.jsx'

export function PresencePart ({ now }) {
  if (!now) return null
  const users = new Map(listOf(now.people).map(person => [person.session, person.user]))
  const columns = [
    { id: 'client', title: 'Client', cell: entry => entry.client ?? '–' },
    { id: 'user', title: 'Who', cell: entry => <span class='name'>{userName(entry.state?.user ?? users.get(entry.session))}</span> },
    { id: 'state', title: 'Shows', cell: entry => <code class='line' title={brief(entry.state, 2000)}>{brief(entry.state)}</code> }
  ]
  const presence = listOf(now.presence)
  return (
    <>
      <p class='quiet sum'>{count(presence.length)} {presence.length === 1 ? 'entry' : 'entries'}</p>
      <VirtualGrid label='Presence' className='presence-grid' columns={columns} rows={presence} keyOf={entry => `${entry.session} ${entry.client}`} empty='Nobody shows anything.' />
    </>
  )
}
