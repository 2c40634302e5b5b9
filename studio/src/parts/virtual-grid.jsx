// A table of any length, of which only what is seen is there. Arrow keys, Home, End and the page keys move in it, Enter opens.
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks'

const kMore = 6 // rows beyond both edges

// columns: [{ id, title, sort?, wide?, number?, cell: row => … }]; wide: not on a phone. `template`: of a CSS grid.
export function VirtualGrid ({ label, className = '', columns, rows, total = rows.length, rowHeight = 32, keyOf, onOpen, sort, onSort, onNearEnd, empty, follow = false }) {
  const box = useRef(null)
  const id = useId()
  const [view, setView] = useState({ top: 0, height: 600 })
  const [at, setAt] = useState(-1)
  const atEnd = useRef(true)

  useLayoutEffect(() => {
    const look = () => setView({ top: box.current.scrollTop, height: box.current.clientHeight })
    const watcher = new ResizeObserver(look)
    watcher.observe(box.current)
    look()
    return () => watcher.disconnect()
  }, [])
  useLayoutEffect(() => {
    if (follow && atEnd.current) box.current.scrollTop = box.current.scrollHeight
  }, [follow, rows])

  const first = Math.max(0, Math.floor(view.top / rowHeight) - kMore)
  const last = Math.min(rows.length, Math.ceil((view.top + view.height) / rowHeight) + kMore)
  useEffect(() => { if (last >= rows.length) onNearEnd?.() }, [last, rows.length])

  const onScroll = () => {
    const { scrollTop, scrollHeight, clientHeight } = box.current
    atEnd.current = scrollHeight - scrollTop - clientHeight < rowHeight * 2
    setView({ top: scrollTop, height: clientHeight })
  }
  const moveTo = index => {
    const to = Math.max(0, Math.min(rows.length - 1, index))
    setAt(to)
    const top = to * rowHeight
    const seen = box.current.clientHeight - rowHeight // the heading is on top of it
    if (top < box.current.scrollTop) box.current.scrollTop = top
    if (top + rowHeight > box.current.scrollTop + seen) box.current.scrollTop = top + rowHeight - seen
  }
  const onKeyDown = event => {
    if (event.target !== box.current) return
    const page = Math.max(1, Math.floor(view.height / rowHeight) - 2)
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1, PageDown: at + page, PageUp: at - page }[event.key]
    if (to !== undefined) {
      event.preventDefault()
      moveTo(to)
    } else if (event.key === 'Enter' && rows[at]) {
      onOpen?.(rows[at])
    }
  }

  const cells = row => columns.map(({ id, wide, number, cell }) => (
    <div role='gridcell' key={id} class={`${wide ? 'wide' : ''} ${number ? 'number' : ''}`}>{cell(row)}</div>
  ))
  return (
    <div
      ref={box} class={`grid ${className}`} role='grid' aria-label={label} aria-rowcount={total + 1} tabIndex={0}
      aria-activedescendant={at >= first && at < last ? `${id}-${at}` : undefined} onScroll={onScroll} onKeyDown={onKeyDown}
    >
      <div role='row' aria-rowindex={1} class='heading'>
        {columns.map(column => <Heading key={column.id} column={column} sort={sort} onSort={onSort} />)}
      </div>
      {rows.length === 0 ? <div role='row'><div role='gridcell' class='empty'>{empty}</div></div> : null}
      <div role='presentation' class='rows' style={{ height: `${rows.length * rowHeight}px` }}>
        {rows.slice(first, last).map((row, i) => (
          <div
            role='row' id={`${id}-${first + i}`} key={keyOf(row)} aria-rowindex={first + i + 2} aria-selected={first + i === at}
            class={first + i === at ? 'row at' : 'row'} style={{ transform: `translateY(${(first + i) * rowHeight}px)`, height: `${rowHeight}px` }}
            onClick={event => { if (!event.target.closest('button, a')) { setAt(first + i); onOpen?.(row) } }}
          >{cells(row)}
          </div>
        ))}
      </div>
    </div>
  )
}

function Heading ({ column, sort, onSort }) {
  const { id, title, wide, number } = column
  const sorted = column.sort && sort === column.sort
  const order = column.sort === 'name' ? 'ascending' : 'descending'
  return (
    <div role='columnheader' class={`${wide ? 'wide' : ''} ${number ? 'number' : ''}`} aria-sort={sorted ? order : undefined} key={id}>
      {column.sort && onSort
        ? <button type='button' class='plain' onClick={() => onSort(column.sort)}>{title}{sorted ? <span aria-hidden='true'>{order === 'ascending' ? ' ↑' : ' ↓'}</span> : null}</button>
        : title}
    </div>
  )
}
