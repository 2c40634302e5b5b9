// The figures of all rounds as a table: medians, and how they compare with Freshet's.
const median = numbers => [...numbers].sort((a, b) => a - b)[numbers.length >> 1]

const figures = {
  sent: report => report.edits.sent_per_s,
  deliveries: report => report.deliveries.per_s,
  p50: report => report.latency_ms.p50,
  p99: report => report.latency_ms.p99,
  p999: report => report.latency_ms.p999,
  acknowledged: report => report.acknowledged_ms.p99,
  cpu: report => report.server.us_per_delivery,
  cores: report => report.server.cores,
  merged: report => report.deliveries.per_s / (report.messages.per_s || 1),
  bytes: report => report.deliveries.bytes_each,
  memory: report => report.server.rss_bytes.peak / 1e6
}

// Medians of the rounds in which the generator was on time; of all, and marked, if there are none.
export const summary = reports => {
  const good = reports.filter(report => !report.void)
  const counted = good.length > 0 ? good : reports
  const row = Object.fromEntries(Object.entries(figures).map(([name, of]) => [name, median(counted.map(of))]))
  return { ...row, rounds: reports.length, void: reports.length - good.length, complete: counted.every(report => report.complete) }
}

// Nothing was delivered, or nothing told, where a zero stands.
const three = n => n === 0 ? '–' : n >= 100 ? Math.round(n).toLocaleString('en') : String(Number(n.toPrecision(3)))
const times = (n, base) => base > 0 && n > 0 ? `${three(n / base)}×` : '–'

// rows: { scenario, server, set, summary | wrong }
export const table = rows => {
  const head = ['scenario', 'server', 'edits/s', 'deliveries/s', 'p50 ms', 'p99 ms', 'p99.9 ms', '× p99', 'told saved, p99 ms',
    'µs a delivery', '× µs', 'cores', 'edits a message', 'bytes a delivery', 'peak MB', 'complete', 'not its default']
  const line = cells => `| ${cells.join(' | ')} |`
  const body = rows.map(({ scenario, server, set, summary: own, wrong }) => {
    if (wrong) return line([scenario, server, wrong, ...head.slice(4).map(() => ''), set])
    const base = rows.find(row => row.scenario === scenario && row.server.startsWith('Freshet'))?.summary
    const against = of => base && own !== base ? times(own[of], base[of]) : ''
    return line([scenario, server + (own.void > 0 ? ` (${own.void} of ${own.rounds} rounds void)` : ''), three(own.sent), three(own.deliveries),
      three(own.p50), three(own.p99), three(own.p999), against('p99'), three(own.acknowledged),
      three(own.cpu), against('cpu'), three(own.cores), three(own.merged), three(own.bytes), three(own.memory), own.complete ? 'yes' : 'no', set])
  })
  return [line(head), line(head.map((_, i) => i < 2 || i > 14 ? '-' : '-:')), ...body].join('\n')
}
