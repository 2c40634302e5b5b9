// A bar chart as SVG text: how many times faster than each peer, on a logarithmic scale.
const COLOURS = { yjs: '#c2410c', ywasm: '#1d4ed8' }
const LEFT = 210
const WIDTH = 560
const BAR = 8
const ROW = 24

const escaped = text => String(text).replace(/[&<>]/g, c => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[c])

export const chart = (rows, caption) => {
  const ratios = rows.flatMap(({ ns }) => Object.keys(COLOURS).map(peer => ns[peer] / ns.freshet).filter(Number.isFinite))
  const top = Math.max(10, ...ratios)
  const x = ratio => LEFT + Math.max(1, Math.log10(Math.max(1, ratio)) / Math.log10(top) * WIDTH)
  const height = 70 + rows.length * ROW
  const parts = []
  for (let mark = 1; mark <= top; mark *= 10) {
    parts.push(`<line x1="${x(mark)}" y1="40" x2="${x(mark)}" y2="${height - 26}" stroke="#ddd"/><text x="${x(mark)}" y="36" text-anchor="middle">${mark}×</text>`)
  }
  rows.forEach(({ case: c, file, ns }, i) => {
    const y = 46 + i * ROW
    parts.push(`<text x="${LEFT - 8}" y="${y + 13}" text-anchor="end">${escaped(`${c} ${file}`)}</text>`)
    Object.entries(COLOURS).forEach(([peer, colour], k) => {
      const ratio = ns[peer] / ns.freshet
      if (!Number.isFinite(ratio)) return
      parts.push(`<rect x="${LEFT}" y="${y + k * (BAR + 1)}" width="${(x(ratio) - LEFT).toFixed(1)}" height="${BAR}" fill="${colour}"/>`)
    })
  })
  const legend = Object.entries(COLOURS).map(([peer, colour], i) => `<rect x="${LEFT + 260 + i * 80}" y="8" width="10" height="10" fill="${colour}"/><text x="${LEFT + 274 + i * 80}" y="17">${peer}</text>`)
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${LEFT + WIDTH + 40}" height="${height}" font-family="sans-serif" font-size="11">
<rect width="100%" height="100%" fill="#fff"/><text x="8" y="17" font-size="13">Time of the peer / time of Freshet (longer is better)</text>
${[...legend, ...parts].join('\n')}
<text x="8" y="${height - 8}" fill="#555">${escaped(caption)}</text>
</svg>
`
}
