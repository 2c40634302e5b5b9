import { useEffect, useRef, useState } from 'preact/hooks'
import { link, lockReason } from './live/connection.js'
import { setKey, takeKeyFromAddress } from './live/key.js'
import { connection, hello, server } from './live/state.js'
import { count, rate, span } from './parts/format.js'
import { followAddress, go, hrefOf, place } from './parts/place.js'
import { CheckView } from './views/check.jsx'
import { LogsView } from './views/logs.jsx'
import { OutboxView } from './views/outbox.jsx'
import { PluginsView } from './views/plugins.jsx'
import { RoomView } from './views/room.jsx'
import { RoomsView } from './views/rooms.jsx'
import { ServerView } from './views/server.jsx'

const pages = [
  ['rooms', 'Rooms', RoomsView], ['server', 'Server', ServerView], ['plugins', 'Plugins', PluginsView],
  ['outbox', 'Outbox', OutboxView], ['logs', 'Logs', LogsView], ['check', 'Check', CheckView]
]

export function App () {
  useEffect(() => {
    takeKeyFromAddress()
    followAddress()
    connection.watch('server')
    connection.open()
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [])
  if (link.value === 'locked') return <Lock />
  const { page, name } = place.value
  const View = page === 'room' ? RoomView : pages.find(([id]) => id === page)?.[2] ?? RoomsView
  return (
    <>
      <a class='skip' href='#main' onClick={event => { event.preventDefault(); document.getElementById('main').focus() }}>To the content</a>
      <Header page={page === 'room' ? 'rooms' : page} />
      <main id='main' tabIndex={-1}><View key={page === 'room' ? `room ${name}` : page} /></main>
    </>
  )
}

// `/` goes to the search, Esc out of it, and out of a room.
function onKey (event) {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return
  const typing = event.target.closest?.('input, textarea, select')
  if (event.key === '/' && !typing) {
    const search = document.querySelector('[data-search]')
    if (search) event.preventDefault()
    search?.focus()
  }
  if (event.key !== 'Escape') return
  if (typing) typing.blur()
  else if (place.value.page === 'room') go('rooms')
}

function Header ({ page }) {
  return (
    <header>
      <a class='brand' href={hrefOf('rooms')} aria-label='Freshet studio'><img src='icon.svg' alt='' width='20' height='20' /><b>Freshet</b><span> studio</span></a>
      <nav aria-label='Pages'>
        {pages.map(([id, title]) => <a key={id} href={hrefOf(id)} aria-current={id === page ? 'page' : undefined}>{title}</a>)}
      </nav>
      <Pulse />
    </header>
  )
}

const kWords = {
  connecting: ['', 'connecting'], open: ['good', 'live'], lost: ['bad', 'connection lost, trying again'],
  refused: ['bad', 'sent away for now, trying again'], hidden: ['', 'paused']
}

function upFor ({ started_ms: started, now_ms: then }, now) {
  const at = now?.at_ms ?? then
  return span(started > 0 && at > 0 ? Math.max(0, at - started) : null)
}

function Pulse () {
  const [grade, words] = kWords[link.value] ?? ['', '']
  const now = server.value
  return (
    <div class='pulse'>
      {now ? <span class='wide'>{rate(now.edits)} edits/s · {count(now.sessions)} connections in {count(now.rooms)} rooms</span> : null}
      <span role='status' class={`state ${grade}`} title={lockReason.value || undefined}>{words}</span>
      {hello.value ? <span class='quiet wide' title={`node ${hello.value.node ?? ''}`}>{hello.value.version} · up {upFor(hello.value, now)}</span> : null}
    </div>
  )
}

function Lock () {
  const input = useRef(null)
  const [text, setText] = useState('')
  useEffect(() => input.current.focus(), [])
  const submit = event => {
    event.preventDefault()
    setKey(text)
    link.value = 'connecting'
    connection.open()
  }
  return (
    <main class='lock'>
      <form onSubmit={submit}>
        <h1>Freshet studio</h1>
        <p>This server’s admin wants its key: <code>admin_key</code> of <code>[server]</code> in the manifest.</p>
        <label class='field'>Key<input ref={input} type='password' value={text} onInput={event => setText(event.target.value)} autocomplete='current-password' /></label>
        {lockReason.value ? <p class='problem' role='alert'>{lockReason.value}</p> : null}
        <div class='buttons'><button type='submit' class='first' disabled={text === ''}>Open</button></div>
      </form>
    </main>
  )
}
