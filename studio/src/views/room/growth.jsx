// Who made the document as large as it is.
import { count, when } from '../../parts/format.js'
import { listOf } from '../../parts/given.js'

export function GrowthPart ({ now }) {
  if (!now) return null
  const { clients_total: total, deleted_total: deleted } = now.document ?? {}
  const clients = listOf(now.document?.clients)
  const authors = listOf(now.authors)
  const most = Math.max(1, ...clients.map(client => client.clock))
  return (
    <div class='columns'>
      <section aria-labelledby='growth-title'>
        <h2 id='growth-title'>By client</h2>
        <p class='quiet'>{count(total)} clients wrote it{deleted > 0 ? `; ${count(deleted)} of what they wrote is deleted` : ''}. {total > clients.length ? `The largest ${count(clients.length)}:` : ''}</p>
        <table class='bars'>
          <thead><tr><th scope='col'>Client</th><th scope='col'>User</th><th scope='col' class='number'>Written</th><th scope='col' class='number'>Deleted</th><th scope='col' class='wide'><span class='hidden'>Share</span></th></tr></thead>
          <tbody>
            {clients.map(({ client, clock, deleted: gone, user }) => (
              <tr key={client}>
                <td>{client}</td><td class='name'>{user ?? <span class='quiet'>–</span>}</td><td class='number'>{count(clock)}</td><td class='number'>{count(gone)}</td>
                <td class='wide'><div class='meter' aria-hidden='true'><i style={{ width: `${100 * (clock - (gone ?? 0)) / most}%` }} /><i class='gone' style={{ width: `${100 * (gone ?? 0) / most}%` }} /></div></td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <section aria-labelledby='authors-title'>
        <h2 id='authors-title'>Last authors</h2>
        <Unnamed now={now} authors={authors} />
        <ul class='authors'>{authors.map(({ user, at_ms: at, rows }) => <li key={user}><span class='name'>{user}</span><span class='quiet'>{count(rows)} {rows === 1 ? 'row' : 'rows'} · {when(at)}</span></li>)}</ul>
      </section>
    </div>
  )
}

function Unnamed ({ now, authors }) {
  if (now.authors_read === false) return <p class='quiet'>Who wrote what is stored is not read: the room is large.{authors.length > 0 ? ' Since then:' : ''}</p>
  return authors.length === 0 ? <p class='quiet'>The rows that are stored name no user.</p> : null
}
