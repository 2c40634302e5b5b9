// What is right and wrong about a soak. Each function answers sentences; none: it is as it should be.

// How much more of the heap may be in use after the last round than after the first, in which the
// cache of the database has become full (cache_bytes, 16 MiB).
export const kUsedBytes = 8 * 2 ** 20
// What the process has of the system beside that: what was freed a moment ago is given back within
// ten seconds, but for what lies between things still in use.
export const kKeptBytes = 96 * 2 ** 20
// The same, from half of the rounds on.
export const kLateUsedBytes = 4 * 2 ** 20
export const kLateKeptBytes = 48 * 2 ** 20
const kRestsForHalves = 6
export const kGrowthDescriptors = 4
export const kGrowthThreads = 0
// limits.unsaved_bytes and limits.app_bytes, of which there are two.
const queues = { unsaved_bytes: 256 * 2 ** 20, app_waiting_bytes: 2 * 64 * 2 ** 20 }
// At any time, under what this soak asks for.
export const kPeakBytes = 512 * 2 ** 20

const mb = bytes => `${(bytes / 1e6).toFixed(1)} MB`
const at = ({ s, phase }) => `at ${Math.round(s)} s, ${phase}`

const growthBetween = (from, to, usedBytes, keptBytes) => {
  const faults = []
  const compare = (what, name, bound, show) => {
    const grown = to[name] - from[name]
    if (grown > bound) faults.push(`${what} grew by ${show(grown)}: ${show(from[name])} ${at(from)}, ${show(to[name])} ${at(to)}; ${show(bound)} may be`)
  }
  compare('memory in use', 'used_bytes', usedBytes, mb)
  compare('memory', 'rss_bytes', usedBytes + keptBytes, mb)
  compare('descriptors', 'descriptors', kGrowthDescriptors, String)
  compare('threads', 'threads', kGrowthThreads, String)
  return faults
}

// rests: a sample of the end of each rest, nobody there.
export function grown (rests) {
  const faults = growthBetween(rests[0], rests.at(-1), kUsedBytes, kKeptBytes)
  if (rests.length < kRestsForHalves) return faults
  return [...faults, ...growthBetween(rests[rests.length >> 1], rests.at(-1), kLateUsedBytes, kLateKeptBytes)]
}

// What must be 0 when nobody is there. The one socket is the one that asks.
const gauges = ['sessions', 'rooms_loaded', 'connections', 'documents_bytes', 'app_waiting_bytes', 'held_closes',
  'unsaved_bytes', 'journal_failing', 'store_failing', 'webhook_waiting', 'webhook_dead']

export const leftIn = ({ metrics }) => {
  if (!metrics) return ['the admin address does not answer']
  const left = gauges.filter(name => metrics[name] !== 0).map(name => `freshet_${name} is ${metrics[name]}`)
  if (metrics.sockets !== 1) left.push(`freshet_sockets is ${metrics.sockets}`)
  return left
}

export function leftOver (rest) {
  return leftIn(rest).map(what => `nobody is there, and ${what} ${at(rest)}`)
}

export function beyondBounds (samples) {
  const faults = []
  const highest = (what, of, bound) => {
    const sample = samples.reduce((most, each) => of(each) > of(most) ? each : most)
    if (of(sample) > bound) faults.push(`${what} was ${mb(of(sample))} ${at(sample)}; ${mb(bound)} may be`)
  }
  highest('memory', sample => sample.rss_bytes, kPeakBytes)
  for (const [name, bound] of Object.entries(queues)) highest(`freshet_${name}`, sample => sample.metrics?.[name] ?? 0, bound)
  return faults
}

// A fault that did nothing proves nothing. faults: { kind, fromS, toS }.
// What was under way when it began may still end.
const kSeenS = 5
const effects = {
  disk: [(during, name) => during.at(-1).metrics[name] - during[0].metrics[name] === 0, 'store_commits_total', 'wrote on'],
  app: [(_, name, after) => after.metrics[name] > 0, 'app_failures_total', 'was not missed']
}
export function idle (faults, samples) {
  return faults.filter(({ kind }) => effects[kind]).flatMap(({ kind, fromS, toS }) => {
    const during = samples.filter(({ s, answered_s, metrics }) => metrics && s > fromS + kSeenS && answered_s < toS - 1)
    const after = samples.filter(({ metrics }) => metrics).at(-1)
    const [seen, name, words] = effects[kind]
    if (during.length < 2 || seen(during, name, after)) return []
    return [`the ${kind} was stopped from ${Math.round(fromS)} s to ${Math.round(toS)} s and ${words}`]
  })
}

// What the log may complain of, while a fault lasts and for some time after it.
const kEchoMs = 60_000
const provoked = {
  disk: /journal.*does not take updates|store.*(not answer|deadline)|could not be compacted|keeps this: /,
  app: /\bplugin\b.*has not answered/,
  // A room that nobody knows yet has no first state then, and does not begin empty.
  backend: /\bapp-webhook\b|room ".*" cannot be loaded: retry/
}

// lines: { atMs, level, text } of the log; faults: { kind, fromMs, toMs }.
export function unprovoked (lines, faults) {
  return lines.filter(({ atMs, level, text }) => level !== 'warning' && !faults.some(({ kind, fromMs, toMs }) =>
    atMs >= fromMs && atMs <= toMs + kEchoMs && provoked[kind].test(text)))
    .map(({ text }) => `the log says: ${text}`)
}

// Codes with which a server under such load may close a client: away (a client's own), try again.
const retryable = new Set(['1000', '1001', '1005', '4503', '4508'])

// reports: of load generators, with `name` and `round`.
export function illTreated (reports) {
  return reports.flatMap(({ name, round, closes }) => Object.entries(closes).filter(([code]) => !retryable.has(code))
    .map(([code, count]) => `${count} clients of "${name}" were closed with ${code} in round ${round}`))
}
