// Charts as SVG text: a line for each server, both scales logarithmic.
export const COLOURS = { Freshet: '#047857', "Freshet, Hocuspocus' wire": '#0891b2', Hocuspocus: '#c2410c', 'y-websocket': '#1d4ed8', floor: '#777', 'floor, 5 ms together': '#aaa' }
const LEFT = 70
const WIDTH = 560
const TOP = 46
const HEIGHT = 300
const RIGHT = 230
// A caption longer than this goes on in the next line.
const CAPTION = 150

const escaped = text => String(text).replace(/[&<>]/g, c => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[c])

const scaled = (n, steps) => {
  const [unit, size] = steps.find(([, size]) => n >= size) ?? ['', 1]
  return `${Number((n / size).toPrecision(3)).toLocaleString('en')}${unit}`
}
export const inNumbers = n => scaled(n, [])
export const inBytes = n => scaled(n, [[' MB', 1e6], [' kB', 1e3]])

// Where the lines of a scale are: powers of ten around all values.
export const range = values => {
  const logs = values.map(Math.log10)
  // -0 is 0.
  const [low, high] = [Math.floor(Math.min(...logs)) + 0, Math.ceil(Math.max(...logs)) + 0]
  return low === high ? [low, low + 1] : [low, high]
}

const lines = text => {
  const out = ['']
  for (const word of text.split(' ')) {
    if (`${out.at(-1)} ${word}`.length > CAPTION) out.push(word)
    else out[out.length - 1] = `${out.at(-1)} ${word}`.trim()
  }
  return out
}

const shapeOf = ({ name, line, points }, x, y, dashed) => {
  const colour = COLOURS[name] ?? '#000'
  const dash = dashed ? ' stroke-dasharray="5 3"' : ''
  const title = `${name}${line ? `, ${line}` : ''}`
  const path = points.length > 1 ? `<polyline points="${points.map(([a, b]) => `${x(a)},${y(b)}`).join(' ')}" fill="none" stroke="${colour}" stroke-width="1.5"${dash}><title>${escaped(title)}</title></polyline>` : ''
  return path + points.map(([a, b]) => `<circle cx="${x(a)}" cy="${y(b)}" r="3.5" fill="${colour}"/>`).join('')
}

// series: { name, line?, points: [[x, y], …] }, those with a second `line` dashed. Points of nothing
// are left out. None to show: undefined.
export const chart = ({ title, xLabel, yLabel, xUnit = inNumbers, yUnit = inNumbers, series, caption }) => {
  const shown = series.map(one => ({ ...one, points: one.points.filter(([a, b]) => a > 0 && b > 0) })).filter(({ points }) => points.length > 0)
  if (shown.length === 0) return undefined
  const all = shown.flatMap(({ points }) => points)
  const [[left, right], [low, high]] = [range(all.map(([a]) => a)), range(all.map(([, b]) => b))]
  const x = a => (LEFT + (Math.log10(a) - left) / (right - left) * WIDTH).toFixed(1)
  const y = b => (TOP + HEIGHT - (Math.log10(b) - low) / (high - low) * HEIGHT).toFixed(1)
  const parts = []
  for (let n = left; n <= right; n++) {
    parts.push(`<line x1="${x(10 ** n)}" y1="${TOP}" x2="${x(10 ** n)}" y2="${TOP + HEIGHT}" stroke="#ddd"/><text x="${x(10 ** n)}" y="${TOP + HEIGHT + 16}" text-anchor="middle">${xUnit(10 ** n)}</text>`)
  }
  for (let n = low; n <= high; n++) {
    parts.push(`<line x1="${LEFT}" y1="${y(10 ** n)}" x2="${LEFT + WIDTH}" y2="${y(10 ** n)}" stroke="#ddd"/><text x="${LEFT - 8}" y="${Number(y(10 ** n)) + 4}" text-anchor="end">${yUnit(10 ** n)}</text>`)
  }
  const kinds = [...new Set(shown.map(({ line }) => line))]
  shown.forEach((one, i) => {
    const at = TOP + 14 + i * 18
    const dashed = kinds.indexOf(one.line) > 0
    parts.push(shapeOf(one, x, y, dashed))
    parts.push(`<line x1="${LEFT + WIDTH + 14}" y1="${at - 4}" x2="${LEFT + WIDTH + 38}" y2="${at - 4}" stroke="${COLOURS[one.name] ?? '#000'}" stroke-width="1.5"${dashed ? ' stroke-dasharray="5 3"' : ''}/><text x="${LEFT + WIDTH + 44}" y="${at}">${escaped(one.name)}${one.line ? `, ${escaped(one.line)}` : ''}</text>`)
  })
  const below = lines(caption)
  const height = TOP + HEIGHT + 50 + 15 * below.length
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${LEFT + WIDTH + RIGHT}" height="${height}" font-family="sans-serif" font-size="11">
<rect width="100%" height="100%" fill="#fff"/><text x="8" y="17" font-size="13">${escaped(title)}</text><text x="8" y="36" fill="#555">${escaped(yLabel)}</text>
${parts.join('\n')}
<text x="${LEFT + WIDTH}" y="${TOP + HEIGHT + 34}" text-anchor="end" fill="#555">${escaped(xLabel)}</text>
${below.map((text, i) => `<text x="8" y="${TOP + HEIGHT + 50 + 15 * i}" fill="#555">${escaped(text)}</text>`).join('\n')}
</svg>
`
}
