// Lines over the last hour, drawn on a canvas. With the pointer, or with the arrow keys, one reads a moment off it.
import { useEffect, useRef, useState } from 'preact/hooks'
import { clock } from './format.js'

const kHeight = 150
const kEdge = { left: 58, right: 8, top: 8, bottom: 20 }
const kHourMs = 3_600_000
const kTickMs = 600_000

// A round step such that three or four lines cover `most`.
export function stepFor (most, base = 10) {
  if (!(most > 0)) return 1
  const rough = most / 3
  const power = base ** Math.floor(Math.log(rough) / Math.log(base))
  const parts = base === 10 ? [1, 2, 5, 10] : [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]
  return power * parts.find(part => part * power >= rough)
}

function draw (canvas, { rows, series, format, base, at }) {
  const { width, height } = canvas.getBoundingClientRect()
  const scale = devicePixelRatio || 1
  if (width === 0) return
  canvas.width = Math.round(width * scale)
  canvas.height = Math.round(height * scale)
  const context = canvas.getContext('2d')
  const style = getComputedStyle(canvas)
  const colour = name => style.getPropertyValue(name).trim()
  context.scale(scale, scale)
  context.font = `11px ${style.fontFamily}`

  const until = rows.at(-1)?.at_ms ?? Date.now()
  const from = until - kHourMs
  const most = Math.max(0, ...rows.flatMap(row => series.map(({ field }) => row[field] ?? 0)))
  const step = stepFor(most, base)
  const top = Math.max(step, Math.ceil(most / step) * step)
  const x = ms => kEdge.left + (ms - from) / kHourMs * (width - kEdge.left - kEdge.right)
  const y = value => height - kEdge.bottom - value / top * (height - kEdge.top - kEdge.bottom)

  context.textBaseline = 'middle'
  context.textAlign = 'right'
  for (let value = 0; value <= top + step / 2; value += step) {
    context.fillStyle = colour('--line')
    context.fillRect(kEdge.left, Math.round(y(value)), width - kEdge.left - kEdge.right, 1)
    context.fillStyle = colour('--muted')
    context.fillText(format(value), kEdge.left - 6, y(value))
  }
  context.textAlign = 'center'
  for (let ms = Math.ceil(from / kTickMs) * kTickMs; ms <= until; ms += kTickMs) {
    context.fillText(clock(ms).slice(0, 5), Math.min(Math.max(x(ms), kEdge.left + 12), width - 18), height - 8)
  }
  for (const { field, colour: name } of series) {
    context.strokeStyle = colour(name)
    context.lineWidth = 1.5
    context.lineJoin = 'round'
    context.beginPath()
    rows.forEach((row, i) => context[i === 0 ? 'moveTo' : 'lineTo'](x(row.at_ms), y(row[field] ?? 0)))
    context.stroke()
  }
  if (rows[at]) {
    context.fillStyle = colour('--muted')
    context.fillRect(Math.round(x(rows[at].at_ms)), kEdge.top, 1, height - kEdge.top - kEdge.bottom)
  }
}

// series: [{ field, title, colour: '--a' }] of rows { at_ms, … }.
export function Plot ({ title, rows, series, format, base = 10 }) {
  const canvas = useRef(null)
  const [at, setAt] = useState(-1)
  const [turn, setTurn] = useState(0) // another size, or other colours
  useEffect(() => draw(canvas.current, { rows, series, format, base, at }), [rows, at, turn])
  useEffect(() => {
    const again = () => setTurn(n => n + 1)
    const watcher = new ResizeObserver(again)
    watcher.observe(canvas.current)
    const dark = matchMedia('(prefers-color-scheme: dark)')
    dark.addEventListener('change', again)
    return () => {
      watcher.disconnect()
      dark.removeEventListener('change', again)
    }
  }, [])

  const pointAt = event => {
    const { left, width } = canvas.current.getBoundingClientRect()
    const until = rows.at(-1)?.at_ms ?? 0
    const ms = until - kHourMs + (event.clientX - left - kEdge.left) / (width - kEdge.left - kEdge.right) * kHourMs
    let nearest = -1
    rows.forEach((row, i) => { if (nearest < 0 || Math.abs(row.at_ms - ms) < Math.abs(rows[nearest].at_ms - ms)) nearest = i })
    setAt(nearest)
  }
  const onKeyDown = event => {
    const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -30, PageDown: 30 }[event.key]
    if (step === undefined || rows.length === 0) return
    event.preventDefault()
    setAt(Math.max(0, Math.min(rows.length - 1, (at < 0 ? rows.length - 1 : at) + step)))
  }
  const shown = rows[at] ?? rows.at(-1)
  const words = shown ? series.map(({ field, title }) => `${title} ${format(shown[field] ?? 0)}`).join(', ') : 'nothing yet'
  return (
    <figure class='plot'>
      <figcaption>
        <h2>{title}</h2>
        <span class='legend'>
          {series.map(({ field, title, colour }) => <span key={field}><i style={{ background: `var(${colour})` }} />{title} <b>{shown ? format(shown[field] ?? 0) : '–'}</b></span>)}
          <span class='quiet'>{rows[at] ? clock(rows[at].at_ms) : 'now'}</span>
        </span>
      </figcaption>
      <canvas
        ref={canvas} height={kHeight} tabIndex={0} role='img' aria-label={`${title} over the last hour; ${shown ? `${rows[at] ? `at ${clock(rows[at].at_ms)}` : 'now'}: ` : ''}${words}`}
        onPointerMove={pointAt} onPointerLeave={() => setAt(-1)} onKeyDown={onKeyDown} onBlur={() => setAt(-1)}
      />
    </figure>
  )
}
