// Whether a manifest is right, and what a token says.
import { useState } from 'preact/hooks'
import { ask } from '../live/admin.js'
import { listOf } from '../parts/given.js'

export function CheckView () {
  return (
    <section aria-labelledby='check-title'>
      <h1 id='check-title'>Check</h1>
      <div class='columns'>
        <Manifest />
        <Token />
      </div>
    </section>
  )
}

// [what came, what is wrong with asking, ask(path, body)]
function useAnswer () {
  const [state, setState] = useState({ value: null, problem: '', busy: false })
  const send = async (path, body) => {
    setState({ value: null, problem: '', busy: true })
    try {
      const value = await (await ask('POST', path, body)).json()
      setState({ value, problem: '', busy: false })
    } catch (error) {
      setState({ value: null, problem: error.message, busy: false })
    }
  }
  return [state, send]
}

function Manifest () {
  const [text, setText] = useState('')
  const [{ value, problem, busy }, send] = useAnswer()
  const submit = event => {
    event.preventDefault()
    send('/check/manifest', text)
  }
  return (
    <form onSubmit={submit} aria-labelledby='manifest-title'>
      <h2 id='manifest-title'>A manifest</h2>
      <p class='quiet'>Judged as <code>freshet check</code> does; nothing is started.</p>
      <label class='field'>TOML<textarea rows={14} value={text} onInput={event => setText(event.target.value)} spellcheck={false} /></label>
      <div class='buttons'><button type='submit' class='first' disabled={busy || text.trim() === ''}>Check</button></div>
      {problem ? <p class='problem' role='alert'>{problem}</p> : null}
      <div role='status'>{value ? <Problems problems={listOf(value.problems)} unjudged={listOf(value.unjudged)} /> : null}</div>
    </form>
  )
}

// `unjudged`: what could not be loaded here, so that nobody looked at its settings.
function Problems ({ problems, unjudged }) {
  const left = unjudged.length > 0 ? <p class='warn'>Not judged: {unjudged.join(', ')}</p> : null
  if (problems.length === 0) return <><p class='good'>Nothing is wrong with it.</p>{left}</>
  return (
    <>
      {left}
      <ul class='problems' aria-label='What is wrong'>
        {problems.map(({ line, key, message }, i) => <li key={i}>{line > 0 ? <span class='quiet'>line {line} </span> : null}{key ? <code>{key}</code> : null} {message}</li>)}
      </ul>
    </>
  )
}

function Token () {
  const [token, setToken] = useState('')
  const [room, setRoom] = useState('')
  const [{ value, problem, busy }, send] = useAnswer()
  const submit = event => {
    event.preventDefault()
    send(`/check/token${room ? `?room=${encodeURIComponent(room)}` : ''}`, token.trim())
  }
  return (
    <form onSubmit={submit} aria-labelledby='token-title'>
      <h2 id='token-title'>A token</h2>
      <p class='quiet'>What it says, and whether this server lets its bearer in. It goes nowhere else.</p>
      <label class='field'>Token<textarea rows={6} value={token} onInput={event => setToken(event.target.value)} spellcheck={false} autocomplete='off' /></label>
      <label class='field'>Room<input value={room} onInput={event => setRoom(event.target.value)} spellcheck={false} autocomplete='off' placeholder='any' /></label>
      <div class='buttons'><button type='submit' class='first' disabled={busy || token.trim() === ''}>Explain</button></div>
      {problem ? <p class='problem' role='alert'>{problem}</p> : null}
      <div role='status'>{value ? <pre tabIndex={0} aria-label='The token'>{JSON.stringify(value, null, 2)}</pre> : null}</div>
    </form>
  )
}
