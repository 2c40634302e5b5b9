// The server now, and over the last hour.
import { history, server } from '../live/state.js'
import { Figure, Figures } from '../parts/figure.jsx'
import { bytes, count, micros, rate } from '../parts/format.js'
import { listOf } from '../parts/given.js'
import { Plot } from '../parts/plot.jsx'

const plots = [
  { title: 'Throughput', format: n => `${rate(n)}/s`, series: [{ field: 'edits', title: 'edits', colour: '--a' }, { field: 'deliveries', title: 'deliveries', colour: '--b' }] },
  { title: 'A commit takes', format: micros, series: [{ field: 'commit_p50_us', title: 'half of them', colour: '--a' }, { field: 'commit_p99_us', title: '99 of 100', colour: '--b' }] },
  { title: 'Memory', format: bytes, base: 1024, series: [{ field: 'memory_bytes', title: 'process', colour: '--a' }, { field: 'documents_bytes', title: 'documents', colour: '--b' }] },
  { title: 'Bytes', format: n => `${bytes(n)}/s`, base: 1024, series: [{ field: 'bytes_in', title: 'in', colour: '--a' }, { field: 'bytes_out', title: 'out', colour: '--b' }] },
  { title: 'Unsaved', format: bytes, base: 1024, series: [{ field: 'unsaved_bytes', title: 'waits for the disk', colour: '--a' }] },
  { title: 'Rooms', format: rate, series: [{ field: 'rooms', title: 'open', colour: '--a' }, { field: 'sessions', title: 'connections in them', colour: '--b' }] }
]

export function ServerView () {
  const now = server.value
  return (
    <section aria-labelledby='server-title'>
      <h1 id='server-title'>Server</h1>
      {now
        ? (
          <Figures label='The server now'>
            <Figure name='Edits'>{rate(now.edits)}/s</Figure>
            <Figure name='Deliveries'>{rate(now.deliveries)}/s</Figure>
            <Figure name='A commit takes' note={`99 of 100: ${micros(now.commit_p99_us)}`}>{micros(now.commit_p50_us)}</Figure>
            <Figure name='Unsaved'>{bytes(now.unsaved_bytes)}</Figure>
            <Figure name='Memory' note={`${bytes(now.documents_bytes)} documents`}>{bytes(now.memory_bytes)}</Figure>
            <Figure name='Connections' note={now.held > 0 ? `${count(now.held)} held` : ''}>{count(now.connections)}</Figure>
            <Figure name='Slow readers' grade={now.lagging > 0 ? 'warn' : ''}>{count(now.lagging)}</Figure>
            <Shards busy={listOf(now.shard_busy)} />
          </Figures>)
        : <p class='quiet' role='status'>Loading…</p>}
      <div class='plots'>{plots.map(plot => <Plot key={plot.title} rows={history.value} {...plot} />)}</div>
    </section>
  )
}

function Shards ({ busy }) {
  if (busy.length === 0) return null
  return (
    <Figure name={busy.length === 1 ? 'Shard' : `${busy.length} shards`} grade={Math.max(...busy) > 0.9 ? 'warn' : ''}>
      {busy.slice(0, 8).map(share => `${Math.round(share * 100)}`).join(' · ')} %{busy.length > 8 ? ' …' : ''}
    </Figure>
  )
}
