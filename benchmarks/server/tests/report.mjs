// A report of the load generator, as far as the tables read it.
export const report = ({ p99 = 2, us = 1, isVoid = false, complete = true, received = 100, rest = 20, ofConnection = 4000, storm, presence } = {}) => ({
  void: isVoid,
  complete,
  edits: { sent_per_s: 20 },
  deliveries: { per_s: 1980, bytes_each: 47, expected: storm || presence ? 0 : 100, received: storm || presence ? 0 : received },
  messages: { per_s: 1190, presence_per_s: 200 },
  presence: { per_s: presence ?? 0, expected: presence ? 100 : 0, received: presence ? received : 0 },
  presence_ms: { p50: 1, p99 },
  latency_ms: { p50: 1, p99, p999: 9 },
  acknowledged_ms: { p99: 0 },
  generator: { cores: 0.3 },
  server: {
    us_per_delivery: us, us_per_edit: 100 * us, cores: 0.1, cpu_s: 2, bytes_per_connection: ofConnection,
    rss_bytes: { before: 10e6, measured_peak: 60e6, after: rest * 1e6, peak: 15_600_000 }
  },
  ...(storm && { storm: { clients: 150, in: 150, failed: 0, returned: 0, seconds: 1.5, joined_ms: { p50: 700, p99: 1400 }, ...storm } })
})

export const row = (server, reports, more = {}) =>
  ({ scenario: 'a', kind: 'edits', server, version: server === 'Freshet' ? '0.1' : '4.7', store: 'a store', set: '–', reports, ...more })
