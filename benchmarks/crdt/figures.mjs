// What is made of the numbers of a run. Less is better in each of them.
export const median = numbers => [...numbers].sort((a, b) => a - b)[numbers.length >> 1]

const digits = n => n >= 100 ? Math.round(n).toLocaleString('en') : n >= 10 ? n.toFixed(1) : n.toFixed(2)
const scaled = steps => value => {
  const [unit, size] = steps.find(([, size]) => value >= size) ?? steps.at(-1)
  return `${digits(value / size)} ${unit}`
}
const inSeconds = scaled([['s', 1e9], ['ms', 1e6], ['µs', 1e3]])
const inBytes = scaled([['MB', 1e6], ['kB', 1e3]])
export const time = ns => ns < 1000 ? `${Math.round(ns)} ns` : inSeconds(ns)
export const bytes = count => count < 10 ? `${count.toFixed(1)} B` : count < 1000 ? `${Math.round(count)} B` : inBytes(count)
export const factor = times => `${times >= 10 ? Math.round(times).toLocaleString('en') : times >= 1 ? times.toFixed(1) : times.toFixed(2)}×`

// What is measured of a shape: the figure's name, what it is called, how it is shown.
export const METRICS = {
  edit: { of: 'edit_ns', title: 'All edits, one by one, and the update of each', show: time },
  apply: { of: 'apply_ns', title: 'All those updates applied one by one, as they come', show: time },
  together: { of: 'together_ns', title: 'All those updates handed over at once', show: time },
  load: { of: 'load_ns', title: 'The state loaded and read', show: time },
  ready: { of: 'ready_ns', title: 'The state loaded, read and edited once', show: time },
  memory: { of: 'memory_bytes', title: 'Memory of a document that was loaded and read', show: bytes },
  use: { of: 'in_use_bytes', title: 'Memory of a document that was loaded, read and edited once', show: bytes },
  encode: { of: 'encode_ns', title: 'The state encoded, for the first time', show: time },
  update: { of: 'update_bytes', title: 'Size of an update, on average', show: bytes },
  state: { of: 'state_bytes', title: 'Size of the state', show: bytes },
  smallest: { of: 'smallest_bytes', title: 'Size of the state in the smallest form there is', show: bytes }
}

// What there was no time for: of which figure how many of how many.
const DONE = { edit: ['edited', 'edits'], apply: ['applied', 'updates'] }

const unfinished = (metric, samples, limit_s) => {
  const [done, all] = DONE[metric] ?? []
  const short = all && samples.find(sample => sample[done] < sample[all])
  return short && { text: `> ${limit_s} s (${Math.floor(100 * short[done] / short[all])} %)`, why: 'limit' }
}

// A row for each figure of a shape; `samples` has what each round of an engine gave, `failed` what
// became of an engine that gave nothing to go by.
export const rowsOf = ({ name, title }, samples, failed, limit_s) => Object.entries(METRICS).map(([metric, { of }]) => {
  const row = { family: 'edits', shape: name, title, metric, values: {}, said: { ...failed } }
  for (const [engine, all] of Object.entries(samples)) {
    if (failed[engine] || all.length === 0) continue
    const short = unfinished(metric, all, limit_s)
    if (short) row.said[engine] = short
    else row.values[engine] = median(all.map(sample => sample[of]).filter(value => value !== undefined))
  }
  return row
})

// Less than this apart is the same: rounding, or a few copies of a document more or less.
const SAME = 1.01
export const isBest = (engine, values) => values[engine] <= SAME * Math.min(...Object.values(values))

// Rows in which another engine is better than Freshet, which one is best, and how many times.
export const behind = rows => rows.filter(({ values }) => values.freshet !== undefined && !isBest('freshet', values))
  .map(({ family, shape, title, metric, values }) => {
    const [by, least] = Object.entries(values).reduce((best, other) => other[1] < best[1] ? other : best)
    return { family, shape, title, metric, by, times: values.freshet / least }
  })
