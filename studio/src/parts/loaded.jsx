// Something that is asked of the server once, and again on demand: loading, a problem with a way to try again, or it.
import { useCallback, useEffect, useState } from 'preact/hooks'

// { value, problem, loading, again }; asks anew when one of `of` changes.
export function useLoaded (load, of) {
  const [state, setState] = useState({ value: null, problem: '', loading: true })
  const [turn, setTurn] = useState(0)
  useEffect(() => {
    let wanted = true
    setState(before => ({ ...before, loading: true }))
    load().then(
      value => { if (wanted) setState({ value, problem: '', loading: false }) },
      error => { if (wanted) setState({ value: null, problem: error.message, loading: false }) }
    )
    return () => { wanted = false }
  }, [...of, turn])
  const again = useCallback(() => setTurn(n => n + 1), [])
  return { ...state, again }
}

export function Loaded ({ of, children }) {
  if (of.problem) {
    return <p class='problem' role='alert'>{of.problem} <button type='button' onClick={of.again}>Try again</button></p>
  }
  if (of.value === null) return <p class='quiet' role='status'>Loading…</p>
  return children(of.value)
}
