// A run's results as Markdown.
import { behind, factor, isBest, METRICS, time } from './figures.mjs'
import { reasonOf } from './reasons.mjs'

const REASONS = {
  limit: ({ limit_s }) => `Not done in ${limit_s} s; in brackets how much was. Edits that were left were made in one transaction, for the figures of the state.`,
  wrong: () => 'Ends with another document than yjs.',
  ids: () => 'Reads client ids of more than 32 bits as other ones: its documents and those of other clients part.',
  unlike: () => 'The loaded state is not the document that was saved.',
  crash: () => 'The engine ends with an error.',
  slow: () => 'No end in five minutes.',
  none: () => 'It has no such function.'
}
// A load of this and more before the run's own.
const BUSY = 1
const MARKS = ['¹', '²', '³', '⁴', '⁵', '⁶']

const label = ({ shape, title }) => title ? `${shape} ${title}` : shape

// The figures of `rows` side by side; below, why cells have none.
const table = (rows, heads, engines, show, results) => {
  const whys = [...new Set(rows.flatMap(({ said }) => Object.values(said).map(({ why }) => why)))]
  const cell = (row, engine) => {
    const said = row.said[engine]
    if (said) return `${said.text} ${MARKS[whys.indexOf(said.why)]}`
    const value = row.values[engine]
    if (value === undefined) return '–'
    const shown = engine === 'freshet' ? show(value) : `${show(value)}, ${factor(value / row.values.freshet)}`
    return isBest(engine, row.values) ? `**${shown}**` : shown
  }
  return [`| ${[...heads.map(([head]) => head), ...engines].join(' | ')} |`, `|${heads.map(() => '-').join('|')}|${engines.map(() => '-:').join('|')}|`,
    ...rows.map(row => `| ${[...heads.map(([, of]) => of(row)), ...engines.map(engine => cell(row, engine))].join(' | ')} |`),
    ...whys.map((why, i) => `\n${MARKS[i]} ${REASONS[why](results)}`)].join('\n')
}

// One line for each row.
export const behindLines = rows => behind(rows).map(row => `${row.family} ${row.metric} ${row.shape}: ${row.by} needs less, ${factor(row.times)}`)

// Rows in which Freshet is not first, those of one figure and one reason together.
const notFirst = rows => {
  const groups = new Map()
  for (const row of behind(rows)) {
    const reason = reasonOf(row)
    const key = `${row.metric} ${reason}`
    if (!groups.has(key)) groups.set(key, { title: METRICS[row.metric]?.title ?? row.metric, reason, places: [] })
    groups.get(key).places.push(`${row.shape} (${row.by} ${factor(row.times)})`)
  }
  return [...groups.values()].map(({ title, reason, places }) => `- **${title}**: ${places.join(', ')}. ${reason}`)
}

export const about = ({ engines, machine, node, date, rounds, load }) => {
  const versions = Object.entries(engines).map(([name, version]) => `${name} ${version}`).join(', ')
  const busy = load > BUSY ? ` The machine was busy with other things (load ${load.toFixed(1)} at the start): the factors are rough.` : ''
  return `Medians of ${rounds} ${rounds === 1 ? 'round' : 'rounds'}, the engines taking turns, each in processes of its own. ${machine}, Node ${node}, ${date}.${versions && ` ${versions}.`}${busy}`
}

export const markdown = results => {
  const engines = Object.keys(results.engines)
  const parts = []
  for (const [metric, { title, show }] of Object.entries(METRICS)) {
    const rows = results.rows.filter(row => row.family === 'edits' && row.metric === metric)
    if (rows.length > 0) parts.push(`### ${title}`, table(rows, [['shape', label]], engines, show, results))
  }
  const same = results.rows.filter(row => row.family === 'bytes')
  const readers = engines.filter(engine => same.some(row => row.values[engine] !== undefined || row.said[engine]))
  if (same.length > 0) {
    parts.push('### The same bytes, for those who read Yjs updates', table(same, [['case', row => row.metric], ['workload', row => row.shape], ['updates', row => row.ops.toLocaleString('en')]], readers, time, results))
  }
  const not = notFirst(results.rows)
  parts.push('### Where Freshet is not first', 'In brackets: who is, and how many times less that is.', not.length > 0 ? not.join('\n') : 'Nowhere.')
  return [...parts, about(results)].join('\n\n') + '\n'
}
