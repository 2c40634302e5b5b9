// What the server logs, as it comes.
import { useEffect, useState } from 'preact/hooks'
import { connection, logs, logsSkipped, watchLogs } from '../live/state.js'
import { clock, count } from '../parts/format.js'
import { VirtualGrid } from '../parts/virtual-grid.jsx'

const levels = ['debug', 'info', 'warn', 'error']
const grade = level => /^warn/.test(level) ? 'warn' : /^(err|crit|fatal)/.test(level) ? 'bad' : level === 'debug' ? 'quiet' : ''

const columns = [
  { id: 'at', title: 'At', cell: line => clock(line.at_ms, true) },
  { id: 'level', title: 'Level', cell: line => <span class={grade(line.level)}>{line.level}</span> },
  { id: 'subject', title: 'From', wide: true, cell: line => <span class='name'>{line.subject}</span> },
  { id: 'message', title: 'What', cell: line => <span class='line' title={line.message}>{line.message}</span> }
]

export function LogsView () {
  const [level, setLevel] = useState('info')
  const [search, setSearch] = useState('')
  const [open, setOpen] = useState(null)
  useEffect(() => { watchLogs(level) }, [level])
  useEffect(() => () => connection.unwatch('logs'), [])
  const word = search.toLowerCase()
  const rows = word === '' ? logs.value : logs.value.filter(line => `${line.subject} ${line.message}`.toLowerCase().includes(word))
  return (
    <section class='whole' aria-labelledby='logs-title'>
      <div class='bar'>
        <h1 id='logs-title'>Logs</h1>
        <input type='search' data-search value={search} placeholder='Search' aria-label='Search the lines' aria-keyshortcuts='/' onInput={event => setSearch(event.target.value)} spellcheck={false} autocomplete='off' />
        <label class='inline'>From<select value={level} onChange={event => setLevel(event.target.value)}>{levels.map(each => <option key={each}>{each}</option>)}</select></label>
        {logsSkipped.value > 0 ? <span class='quiet'>{count(logsSkipped.value)} lines came too fast to show</span> : null}
      </div>
      <VirtualGrid
        label='Log lines' className='logs-grid' columns={columns} rows={rows} rowHeight={26} keyOf={line => line.serial} follow onOpen={setOpen}
        empty={word ? 'No line has that in it.' : 'Nothing was said at this level yet.'}
      />
      {open ? <div class='entry'><div class='bar'><h2>{clock(open.at_ms, true)} {open.subject}</h2><button type='button' onClick={() => setOpen(null)}>Close</button></div><pre tabIndex={0} aria-label='The line'>{open.message}</pre></div> : null}
    </section>
  )
}
