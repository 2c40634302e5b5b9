// What is being written, as it comes: each update, and the operations in it.
import { useState } from 'preact/hooks'
import { skipped, updates } from '../../live/state.js'
import { brief, bytes, clock, count, userName } from '../../parts/format.js'
import { listOf } from '../../parts/given.js'
import { VirtualGrid } from '../../parts/virtual-grid.jsx'

function words (operation) {
  const { op, key, length, parent, after, content } = operation
  const where = parent ? ` in ${brief(parent, 40)}` : after ? ` after ${after}` : ''
  return `${op}${key ? ` ${brief(key, 40)}` : ''}${length > 1 ? ` ${length}` : ''}${where}${content ? ` ${JSON.stringify(content)}` : ''}`
}

// Without a session it came from another node, or whoever wrote it has gone since, or it is an edit of the server.
function writerOf ({ session, user }) {
  const known = session !== null && session !== undefined
  return known || user ? userName(user) : 'elsewhere, or the server'
}

const columns = [
  { id: 'at', title: 'At', cell: update => clock(update.at_ms, true) },
  { id: 'who', title: 'Who', wide: true, cell: update => <span class='name'>{writerOf(update)}</span> },
  { id: 'bytes', title: 'Size', number: true, wide: true, cell: update => bytes(update.bytes) },
  {
    id: 'what', title: 'What', cell: update => {
      const { operations, more } = update
      const text = listOf(operations).map(words).join('; ') + (more > 0 ? `; and ${count(more)} more` : '')
      return <span class='line' title={brief(text, 2000)}>{brief(text, 300) || `${count(update.structs)} structs, ${count(update.deletes)} deletes`}</span>
    }
  }
]

export function UpdatesPart () {
  const [held, setHeld] = useState(null) // what is shown while it does not follow
  const rows = held ?? updates.value
  return (
    <>
      <div class='bar'>
        <button type='button' aria-pressed={held !== null} onClick={() => setHeld(held === null ? updates.value : null)}>{held === null ? 'Hold' : 'Go on'}</button>
        <span class='quiet'>{skipped.value.updates > 0 ? `${count(skipped.value.updates)} more (${bytes(skipped.value.bytes)}) came too fast to show` : 'Each update as it comes.'}</span>
      </div>
      <VirtualGrid label='Live updates' className='updates-grid' columns={columns} rows={rows} rowHeight={28} keyOf={update => update.serial} empty='Nobody has written since you look.' />
    </>
  )
}
