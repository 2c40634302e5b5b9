// A chart as SVG text: for each row a dot for each engine, at how many times what Freshet needs it
// needs, on a logarithmic scale.
export const COLOURS = { yjs: '#c2410c', y14: '#f59e0b', ywasm: '#1d4ed8', loro: '#7c3aed', automerge: '#047857' }
const LEFT = 330
const WIDTH = 560
const ROW = 15
const TOP = 46

const escaped = text => String(text).replace(/[&<>]/g, c => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[c])
const power = n => 10 ** n

export const chart = (rows, engines, caption) => {
  const ratios = rows.flatMap(({ values }) => engines.map(engine => values[engine] / values.freshet)).filter(ratio => Number.isFinite(ratio) && ratio > 0)
  const logs = ratios.map(Math.log10)
  const [low, high] = [Math.floor(Math.min(0, ...logs)), Math.ceil(Math.max(1, ...logs))]
  const x = ratio => (LEFT + (Math.log10(ratio) - low) / (high - low) * WIDTH).toFixed(1)
  const height = TOP + rows.length * ROW + 30
  const parts = []
  for (let n = low; n <= high; n++) {
    const at = x(power(n))
    parts.push(`<line${n === 0 ? ' class="one"' : ''} x1="${at}" y1="${TOP - 6}" x2="${at}" y2="${height - 26}" stroke="${n === 0 ? '#555' : '#ddd'}"/><text x="${at}" y="${TOP - 10}" text-anchor="middle">${n < 0 ? power(n).toFixed(-n) : power(n).toLocaleString('en')}×</text>`)
  }
  rows.forEach(({ label, values }, i) => {
    const y = TOP + i * ROW + ROW / 2
    parts.push(`<text x="${LEFT - 10}" y="${y + 4}" text-anchor="end">${escaped(label)}</text><line x1="${LEFT}" y1="${y}" x2="${LEFT + WIDTH}" y2="${y}" stroke="#f3f3f3"/>`)
    for (const engine of engines) {
      const ratio = values[engine] / values.freshet
      if (Number.isFinite(ratio) && ratio > 0) parts.push(`<circle class="${engine}" cx="${x(ratio)}" cy="${y}" r="4" fill="${COLOURS[engine]}" fill-opacity="0.8"/>`)
    }
  })
  const legend = engines.map((engine, i) => `<circle cx="${LEFT + 180 + i * 80}" cy="13" r="4" fill="${COLOURS[engine]}"/><text x="${LEFT + 188 + i * 80}" y="17">${engine}</text>`)
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${LEFT + WIDTH + 40}" height="${height}" font-family="sans-serif" font-size="11">
<rect width="100%" height="100%" fill="#fff"/><text x="8" y="17" font-size="13">What the others need / what Freshet needs (right of 1×: Freshet is better)</text>
${[...legend, ...parts].join('\n')}
<text x="8" y="${height - 8}" fill="#555">${escaped(caption)}</text>
</svg>
`
}
