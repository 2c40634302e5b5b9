// The figures of all scenarios as tables, one for each kind: medians, and how they compare with
// Freshet's.
import { summary } from './figures.mjs'

// Nothing was delivered, or nothing told, where a zero stands.
const three = n => n === undefined || n === 0 ? '–' : n >= 100 ? Math.round(n).toLocaleString('en') : String(Number(n.toPrecision(3)))
const times = (n, base) => base > 0 && n > 0 ? `${three(n / base)}×` : '–'

const number = name => own => three(own[name])
const ratio = name => (own, base) => base && own !== base ? times(own[name], base[name]) : ''
const zero = name => own => String(own[name])
const delivered = own => own.complete ? 'all' : `${own.delivered === undefined ? '' : `${Math.floor(100 * own.delivered)} %, `}not delivered`
// A storm that waited for the generator was shorter.
const SATURATED = 0.9
const seconds = own => own.complete ? `${own.generatorCores > SATURATED ? '≤ ' : ''}${three(own.seconds)}` : '–'

// kind -> title, what to know, columns: what stands above, and of (own, base).
const KINDS = {
  edits: {
    title: 'Edits',
    columns: [['edits/s', number('sent')], ['deliveries/s', number('deliveries')], ['p50 ms', number('p50')], ['p99 ms', number('p99')],
      ['× p99', ratio('p99')], ['p99.9 ms', number('p999')], ['told saved, p99 ms', number('acknowledged')], ['µs a delivery', number('cpu')],
      ['× µs', ratio('cpu')], ['cores', number('cores')], ['edits a message', number('merged')], ['bytes a delivery', number('bytes')],
      ['peak MB', number('peak')], ['delivered', delivered]]
  },
  presence: {
    title: 'Presence',
    columns: [['states/s at readers', number('states')], ['p50 ms', number('presenceP50')], ['p99 ms', number('presenceP99')], ['× p99', ratio('presenceP99')],
      ['µs a state', number('cpu')], ['× µs', ratio('cpu')], ['cores', number('cores')], ['peak MB', number('peak')], ['delivered', delivered]]
  },
  document: {
    title: 'The size of the document',
    columns: [['p50 ms', number('p50')], ['p99 ms', number('p99')], ['× p99', ratio('p99')], ['µs an edit', number('cpuOfEdit')], ['× µs', ratio('cpuOfEdit')],
      ['peak MB', number('peak')], ['delivered', delivered]]
  },
  idle: {
    title: 'Idle connections',
    columns: [['bytes a connection', number('ofConnection')], ['× bytes', ratio('ofConnection')], ['MB at rest', number('rest')], ['cores', number('cores')]]
  },
  storm: {
    title: 'Storms',
    columns: [['all in after s', seconds], ['× s', ratio('seconds')], ['joins p50 ms', number('joinP50')], ['p99 ms', number('joinP99')],
      ['failed', zero('failed')], ['came again', zero('returned')], ['MB above before', number('above')], ['× MB', ratio('above')],
      ['CPU s', number('cpuSeconds')], ['× CPU', ratio('cpuSeconds')], ['delivered', delivered]]
  }
}

export const titleOf = ({ server, version }) => version ? `${server} ${version}` : server

const line = cells => `| ${cells.join(' | ')} |`

const tableOf = (rows, columns) => {
  const heads = ['scenario', 'server', ...columns.map(([head]) => head), 'not its default']
  const body = rows.map(row => {
    if (row.wrong) return line([row.scenario, titleOf(row), `not delivered: ${row.wrong}`, ...columns.slice(1).map(() => ''), row.set])
    const base = rows.find(({ scenario, server }) => scenario === row.scenario && server === 'Freshet')?.summary
    const voids = row.summary.void > 0 ? ` (${row.summary.void} of ${row.summary.rounds} rounds void)` : ''
    return line([row.scenario, titleOf(row) + voids, ...columns.map(([, of]) => of(row.summary, base)), row.set])
  })
  return [line(heads), line(heads.map((_, i) => i < 2 || i === heads.length - 1 ? '-' : '-:')), ...body].join('\n')
}

// rows: { scenario, kind, server, version, set, reports | wrong }. What came of some rounds of a
// server that then failed is not told: they are no median.
export const summed = rows => rows.map(row => row.wrong ? row : { ...row, summary: summary(row.reports) })

export const TITLES = Object.values(KINDS).map(({ title }) => title)

// [title, table] of each kind that was asked for.
export const sections = rows => Object.entries(KINDS).flatMap(([kind, { title, columns }]) => {
  const own = summed(rows.filter(row => row.kind === kind))
  return own.length > 0 ? [[title, tableOf(own, columns)]] : []
})

export const tables = rows => sections(rows).flatMap(([title, table]) => [`### ${title}`, table]).join('\n\n')
