// Parts of a page, one at a time; the arrow keys go from one to the next.
import { useRef } from 'preact/hooks'

// tabs: [{ id, title }]
export function Tabs ({ label, tabs, at, onSelect, children }) {
  const bar = useRef(null)
  const onKeyDown = event => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (step === undefined) return
    event.preventDefault()
    const index = (tabs.findIndex(tab => tab.id === at) + step + tabs.length) % tabs.length
    onSelect(tabs[index].id)
    bar.current.children[index].focus()
  }
  return (
    <>
      <div ref={bar} class='tabs' role='tablist' aria-label={label} onKeyDown={onKeyDown}>
        {tabs.map(({ id, title }) => (
          <button
            type='button' role='tab' key={id} id={`tab-${id}`} aria-selected={id === at} aria-controls='tab-panel' tabIndex={id === at ? 0 : -1}
            onClick={() => onSelect(id)}
          >{title}
          </button>
        ))}
      </div>
      <div role='tabpanel' id='tab-panel' tabIndex={0} class='panel' aria-labelledby={`tab-${at}`}>{children}</div>
    </>
  )
}
