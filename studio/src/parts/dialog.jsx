// A question that has to be answered before anything else; Esc is no.
import { useEffect, useRef, useState } from 'preact/hooks'

// `typed`: what has to be typed before yes can be said.
export function Ask ({ title, children, yes, dangerous = false, typed, onYes, onNo }) {
  const dialog = useRef(null)
  const [text, setText] = useState('')
  const [state, setState] = useState({ busy: false, problem: '' })
  useEffect(() => { dialog.current.showModal() }, [])
  const may = !state.busy && (typed === undefined || text === typed)
  const submit = async event => {
    event.preventDefault()
    if (!may) return
    setState({ busy: true, problem: '' })
    try { await onYes() } catch (error) { setState({ busy: false, problem: error.message }) }
  }
  return (
    <dialog ref={dialog} aria-labelledby='ask-title' onCancel={event => { event.preventDefault(); onNo() }}>
      <form onSubmit={submit}>
        <h2 id='ask-title'>{title}</h2>
        {children}
        {typed === undefined
          ? null
          : <label class='field'>Type <b class='name'>{typed}</b> to go on<input autofocus value={text} onInput={event => setText(event.target.value)} autocomplete='off' spellcheck={false} /></label>}
        {state.problem ? <p class='problem' role='alert'>{state.problem}</p> : null}
        <div class='buttons'>
          <button type='button' onClick={onNo}>Cancel</button>
          <button type='submit' class={dangerous ? 'dangerous' : 'first'} disabled={!may}>{yes}</button>
        </div>
      </form>
    </dialog>
  )
}
