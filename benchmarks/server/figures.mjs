// What is made of the rounds of a server in a scenario.
export const median = numbers => [...numbers].sort((a, b) => a - b)[numbers.length >> 1]

const mb = bytes => bytes / 1e6
const share = ({ received, expected }) => expected > 0 ? received / expected : undefined

// The floor of presence has edits instead.
const ofPresence = report => report.presence.expected > 0

// name -> of one report.
const FIGURES = {
  sent: report => report.edits.sent_per_s,
  deliveries: report => report.deliveries.per_s,
  delivered: report => share(report.storm ? { received: report.storm.in, expected: report.storm.clients } : report.deliveries.expected > 0 ? report.deliveries : report.presence),
  p50: report => report.latency_ms.p50,
  p99: report => report.latency_ms.p99,
  p999: report => report.latency_ms.p999,
  acknowledged: report => report.acknowledged_ms.p99,
  states: report => (ofPresence(report) ? report.presence : report.deliveries).per_s,
  presenceP50: report => (ofPresence(report) ? report.presence_ms : report.latency_ms).p50,
  presenceP99: report => (ofPresence(report) ? report.presence_ms : report.latency_ms).p99,
  cpu: report => report.server.us_per_delivery,
  cpuOfEdit: report => report.server.us_per_edit,
  cores: report => report.server.cores,
  merged: ({ deliveries, messages }) => deliveries.per_s / (messages.per_s - messages.presence_per_s || 1),
  bytes: report => report.deliveries.bytes_each,
  peak: report => mb(report.server.rss_bytes.peak),
  rest: report => mb(report.server.rss_bytes.after),
  ofConnection: report => report.server.bytes_per_connection,
  seconds: report => report.storm?.seconds,
  joinP50: report => report.storm?.joined_ms.p50,
  joinP99: report => report.storm?.joined_ms.p99,
  failed: report => report.storm?.failed,
  returned: report => report.storm?.returned,
  above: report => mb(report.server.rss_bytes.measured_peak - report.server.rss_bytes.before),
  cpuSeconds: report => report.server.cpu_s,
  generatorCores: report => report.generator.cores
}

// Medians of the rounds in which the generator was on time; of all, and marked, if there are none.
export const summary = reports => {
  const good = reports.filter(report => !report.void)
  const counted = good.length > 0 ? good : reports
  const row = Object.fromEntries(Object.entries(FIGURES).map(([name, of]) => [name, median(counted.map(of))]))
  return { ...row, rounds: reports.length, void: reports.length - good.length, complete: counted.every(report => report.complete) }
}

// With what a server was asked for less than this it is not asked for more.
export const GIVEN_UP = 0.5

export const about = ({ rounds, seconds, machine, node, date, load_average: load, servers }) => {
  const named = servers.map(({ name, version, store }) => `${name} ${version} with ${store}`).join(', ')
  const busy = load > 1 ? ` The machine was busy with other things (load ${load.toFixed(1)} at the start): the figures are rough.` : ''
  return `Medians of ${rounds} ${rounds === 1 ? 'round' : 'rounds'} of ${seconds} s, a server on one core, the generator on another. ${machine}, Node ${node}, ${date}. ${named}.${busy}`
}
