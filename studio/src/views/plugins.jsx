// What the server is made of, as it was configured, and how long each function of a plugin takes.
import { useEffect } from 'preact/hooks'
import { connection, plugins } from '../live/state.js'
import { brief, count, micros } from '../parts/format.js'
import { listOf } from '../parts/given.js'

export function PluginsView () {
  useEffect(() => {
    connection.watch('plugins')
    return () => connection.unwatch('plugins')
  }, [])
  const list = plugins.value
  return (
    <section aria-labelledby='plugins-title'>
      <h1 id='plugins-title'>Plugins</h1>
      {list === null ? <p class='quiet' role='status'>Loading…</p> : <div class='cards'>{list.map(plugin => <Plugin key={plugin.id} plugin={plugin} />)}</div>}
    </section>
  )
}

function Plugin ({ plugin }) {
  const { id, version, path, essential, settings } = plugin
  const [services, calls] = [listOf(plugin.services), listOf(plugin.calls)]
  const entries = Object.entries(settings ?? {})
  return (
    <article class='card' aria-labelledby={`plugin-${id}`}>
      <h2 id={`plugin-${id}`} class='name'>{id} <small>{version}</small>{essential ? <span class='chip'>essential</span> : null}</h2>
      <p class='quiet name'>{path}</p>
      {services.length > 0 ? <p>{services.map(service => <span class='chip' key={service}>{service}</span>)}</p> : null}
      {calls.length > 0 ? <Calls id={id} calls={calls} /> : null}
      {entries.length > 0
        ? (
          <details>
            <summary>{count(entries.length)} {entries.length === 1 ? 'setting' : 'settings'}</summary>
            <dl class='settings'>{entries.map(([key, value]) => <div key={key}><dt>{key}</dt><dd><code>{brief(value)}</code></dd></div>)}</dl>
          </details>)
        : null}
    </article>
  )
}

const mark = (n, grade) => n > 0 ? <span class={grade}>{count(n)}</span> : <span class='quiet'>0</span>

function Calls ({ id, calls }) {
  return (
    <table aria-label={`Functions of ${id}`}>
      <thead><tr><th scope='col'>Function</th><th scope='col' class='number'>Calls</th><th scope='col' class='number'>Half</th><th scope='col' class='number'>99 %</th><th scope='col' class='number'>Failed</th><th scope='col' class='number'>Late</th><th scope='col' class='number wide'>Refused</th><th scope='col' class='number wide'>Waiting</th></tr></thead>
      <tbody>
        {calls.map(call => (
          <tr key={call.function}>
            <td class='name'>{call.function}</td><td class='number'>{count(call.count)}</td><td class='number'>{micros(call.p50_us)}</td><td class='number'>{micros(call.p99_us)}</td>
            <td class='number'>{mark(call.failed, 'bad')}</td><td class='number'>{mark(call.late, 'bad')}</td><td class='number wide'>{mark(call.refused, 'warn')}</td><td class='number wide'>{mark(call.waiting, '')}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
