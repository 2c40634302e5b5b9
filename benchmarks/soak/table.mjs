// The rounds as a table, one a line.
const mb = bytes => (bytes / 1e6).toFixed(1)

const most = (samples, of) => samples.reduce((highest, sample) => Math.max(highest, of(sample)), 0)

// rounds: { number, samples, rest, reports, acknowledged }: the samples are those of its load.
export function table (rounds) {
  const head = ['round', 'edits/s', 'deliveries/s', 'not delivered', 'closed', 'acknowledged to real clients', 'slow readers', 'most sockets', 'most rooms',
    'most unsaved, kB', 'peak MB', 'at rest: MB in use', 'MB', 'descriptors', 'threads']
  const line = cells => `| ${cells.join(' | ')} |`
  const metric = name => sample => sample.metrics?.[name] ?? 0
  const body = rounds.map(({ number, samples, rest, reports, acknowledged }) => {
    const sum = of => reports.reduce((all, report) => all + of(report), 0)
    const grownBy = name => metric(name)(rest) - metric(name)(samples[0])
    return line([number, Math.round(sum(({ edits }) => edits.sent_per_s)), Math.round(sum(({ deliveries }) => deliveries.per_s)),
      sum(({ deliveries }) => deliveries.expected - deliveries.received),
      sum(({ closes }) => Object.values(closes).reduce((all, count) => all + count, 0)), acknowledged,
      grownBy('lagging_readers_total'), most(samples, metric('sockets')), most(samples, metric('rooms_loaded')),
      Math.round(most(samples, metric('unsaved_bytes')) / 1000), mb(most(samples, sample => sample.rss_bytes)),
      mb(rest.used_bytes), mb(rest.rss_bytes), rest.descriptors, rest.threads])
  })
  return [line(head), line(head.map(() => '-:')), ...body].join('\n')
}
