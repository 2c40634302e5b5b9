// What has to reach somebody outside: what waits, what is given up, and another try.
import { useState } from 'preact/hooks'
import { ask, get, topicPath } from '../live/admin.js'
import { Ask } from '../parts/dialog.jsx'
import { brief, bytes, count, when } from '../parts/format.js'
import { Loaded, useLoaded } from '../parts/loaded.jsx'
import { listOf } from '../parts/given.js'
import { VirtualGrid } from '../parts/virtual-grid.jsx'

const kEntries = 500
const kBodyShown = 100_000

export function OutboxView () {
  const [topic, setTopic] = useState(null)
  const loaded = useLoaded(async () => listOf((await get('/outbox')).topics), [])
  return (
    <section class='whole' aria-labelledby='outbox-title'>
      <div class='bar'>
        <h1 id='outbox-title'>Outbox</h1>
        <button type='button' onClick={loaded.again} disabled={loaded.loading}>Read again</button>
      </div>
      <Loaded of={loaded}>
        {topics => topics.length === 0
          ? <p class='quiet'>Nothing waits to be delivered, and nothing was given up. <code>app-webhook</code> puts here what it has to tell a backend.</p>
          : (
            <>
              <table>
                <caption class='hidden'>Topics</caption>
                <thead><tr><th scope='col'>Topic</th><th scope='col' class='number'>Waiting</th><th scope='col' class='number'>Given up</th><th scope='col' class='number wide'>Bytes</th></tr></thead>
                <tbody>
                  {topics.map(each => (
                    <tr key={each.topic}>
                      <td><button type='button' class='plain name' aria-pressed={each.topic === topic} onClick={() => setTopic(each.topic)}>{each.topic}</button></td>
                      <td class='number'>{count(each.waiting)}</td>
                      <td class='number'>{each.dead > 0 ? <span class='bad'>{count(each.dead)}</span> : 0}</td>
                      <td class='number wide'>{bytes((each.waiting_bytes ?? 0) + (each.dead_bytes ?? 0))}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
              {topic !== null && topics.some(each => each.topic === topic) ? <Topic key={topic} topic={topic} onChange={loaded.again} /> : null}
            </>)}
      </Loaded>
    </section>
  )
}

function Topic ({ topic, onChange }) {
  const [dead, setDead] = useState(true)
  const [open, setOpen] = useState(null)
  const [asking, setAsking] = useState(null)
  const [problem, setProblem] = useState('')
  const loaded = useLoaded(async () => {
    const { entries, next } = await get(topicPath(topic, `?dead=${dead ? 1 : 0}&limit=${kEntries}`))
    return { entries: listOf(entries), more: (next ?? null) !== null }
  }, [dead])
  const change = async (method, part) => {
    await ask(method, topicPath(topic, part))
    loaded.again()
    onChange()
  }
  const attempt = async (method, part) => {
    setProblem('')
    try { await change(method, part) } catch (error) { setProblem(error.message) }
  }
  const columns = [
    { id: 'id', title: 'Entry', cell: entry => entry.id },
    { id: 'time', title: 'At', wide: true, cell: entry => when(entry.time) },
    { id: 'key', title: 'About', cell: entry => <span class='name'>{entry.key}</span> },
    { id: 'reason', title: 'Why', wide: true, cell: entry => <span class='line' title={entry.reason}>{entry.reason ?? ''}</span> },
    { id: 'bytes', title: 'Size', number: true, wide: true, cell: entry => bytes(entry.bytes) },
    ...dead ? [{ id: 'replay', title: <span class='hidden'>Again</span>, number: true, cell: entry => <button type='button' class='plain' onClick={() => attempt('POST', `/replay?id=${entry.id}`)} aria-label={`Try entry ${entry.id} again`}>try again</button> }] : []
  ]
  return (
    <section class='part' aria-labelledby='topic-title'>
      <div class='bar'>
        <h2 id='topic-title' class='name'>{topic}</h2>
        <label class='inline'>Show<select value={dead ? 'dead' : 'live'} onChange={event => setDead(event.target.value === 'dead')}><option value='dead'>given up</option><option value='live'>waiting</option></select></label>
        {dead
          ? (
            <div class='buttons'>
              <button type='button' onClick={() => attempt('POST', '/replay')}>Try all again</button>
              <button type='button' class='dangerous' onClick={() => setAsking('forget')}>Forget all…</button>
            </div>)
          : null}
      </div>
      {problem ? <p class='problem' role='alert'>{problem}</p> : null}
      <Loaded of={loaded}>
        {({ entries, more }) => (
          <>
            {more ? <p class='quiet sum'>The first {count(entries.length)}.</p> : null}
            <VirtualGrid label={`Entries of ${topic}`} className='outbox-grid' columns={columns} rows={entries} keyOf={entry => entry.id} onOpen={entry => setOpen(entry.id)} empty={dead ? 'Nothing was given up.' : 'Nothing waits.'} />
          </>)}
      </Loaded>
      {open === null ? null : <Entry topic={topic} id={open} onClose={() => setOpen(null)} />}
      {asking ? <Ask title='Forget all that was given up?' yes='Forget' dangerous onNo={() => setAsking(null)} onYes={async () => { await change('DELETE', ''); setAsking(null) }}><p>They are never delivered.</p></Ask> : null}
    </section>
  )
}

function Entry ({ topic, id, onClose }) {
  const loaded = useLoaded(async () => (await ask('GET', topicPath(topic, `/${id}`))).text(), [topic, id])
  return (
    <div class='entry'>
      <div class='bar'><h3>Entry {id}</h3><button type='button' onClick={onClose}>Close</button></div>
      <Loaded of={loaded}>{text => <pre tabIndex={0} aria-label={`Body of entry ${id}`}>{brief(text, kBodyShown)}</pre>}</Loaded>
    </div>
  )
}
