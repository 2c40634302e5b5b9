// What the verdict says of a soak that went well, and of each that did not.
import assert from 'node:assert/strict'
import test from 'node:test'
import { beyondBounds, grown, idle, illTreated, kKeptBytes, kLateUsedBytes, kPeakBytes, kUsedBytes, leftOver, unprovoked } from '../verdict.mjs'

const nobody = {
  sessions: 0, rooms_loaded: 0, connections: 0, documents_bytes: 0, app_waiting_bytes: 0, held_closes: 0, unsaved_bytes: 0,
  journal_failing: 0, store_failing: 0, webhook_waiting: 0, webhook_dead: 0, sockets: 1
}
const rest = (number, { used = 10, mb = 40, descriptors = 26, threads = 48, metrics = {} } = {}) => ({
  s: 100 * number, phase: `rest ${number}`, used_bytes: used * 2 ** 20, rss_bytes: mb * 2 ** 20, descriptors, threads, metrics: { ...nobody, ...metrics }
})
const rests = (count, of) => Array.from({ length: count }, (_, i) => rest(i + 1, of(i)))

test('what stays as it is has not grown', () => {
  assert.deepEqual(grown(rests(3, () => ({}))), [])
})

test('memory in use may grow within its bound, and no further', () => {
  const bound = kUsedBytes / 2 ** 20
  assert.deepEqual(grown(rests(3, i => ({ used: 10 + bound / 2 * i }))), [])
  const [fault, ...others] = grown(rests(3, i => ({ used: 10 + (bound / 2 + 1) * i })))
  assert.match(fault, /^memory in use grew by 10\.5 MB: 10\.5 MB at 100 s, rest 1, 21\.0 MB at 300 s, rest 3; 8\.4 MB may be$/)
  assert.deepEqual(others, [])
})

test('what the allocator keeps is bounded, too', () => {
  const bound = (kUsedBytes + kKeptBytes) / 2 ** 20
  assert.deepEqual(grown(rests(3, i => ({ mb: 40 + bound / 2 * i }))), [])
  assert.match(grown(rests(3, i => ({ mb: 40 + (bound / 2 + 1) * i })))[0], /^memory grew by/)
})

test('a leak too slow for the whole is seen in the second half', () => {
  const bound = kLateUsedBytes / 2 ** 20
  const faults = grown(rests(8, i => ({ used: i < 4 ? 10 : 10 + (bound + 0.5) * (i - 4) / 3 })))
  assert.equal(faults.length, 1)
  assert.match(faults[0], /^memory in use .* at 500 s, rest 5/)
  assert.deepEqual(grown(rests(8, i => ({ used: i === 0 ? 10 : 17 }))), [], 'caches that fill early are no leak')
})

test('descriptors and threads that stay are told with when', () => {
  const faults = grown(rests(3, i => ({ descriptors: 26 + 5 * i, threads: 48 + i })))
  assert.equal(faults.length, 2)
  assert.match(faults[0], /^descriptors grew by 10: 26 at 100 s, rest 1, 36 at 300 s/)
  assert.match(faults[1], /^threads grew by 2/)
})

test('what is left when nobody is there is named', () => {
  assert.deepEqual(leftOver(rest(2)), [])
  assert.deepEqual(leftOver(rest(2, { metrics: { unsaved_bytes: 17, sockets: 3 } })),
    ['nobody is there, and freshet_unsaved_bytes is 17 at 200 s, rest 2', 'nobody is there, and freshet_sockets is 3 at 200 s, rest 2'])
  assert.deepEqual(leftOver({ ...rest(1), metrics: null }), ['nobody is there, and the admin address does not answer at 100 s, rest 1'])
})

test('a gauge that the server does not have counts as left', () => {
  const { held_closes: _, ...metrics } = nobody
  assert.match(leftOver({ ...rest(1), metrics })[0], /freshet_held_closes is undefined/)
})

test('a queue or memory beyond its bound is told with its height', () => {
  assert.deepEqual(beyondBounds(rests(3, () => ({}))), [])
  const faults = beyondBounds([rest(1), rest(2, { mb: kPeakBytes / 2 ** 20 + 1, metrics: { unsaved_bytes: 300 * 2 ** 20 } }), { ...rest(3), metrics: null }])
  assert.equal(faults.length, 2)
  assert.match(faults[0], /^memory was 537\.9 MB at 200 s/)
  assert.match(faults[1], /^freshet_unsaved_bytes was 314\.6 MB at 200 s, rest 2; 268\.4 MB may be$/)
})

const second = (s, metrics) => ({ s, answered_s: s + 0.1, phase: 'round 1', metrics: { store_commits_total: 0, app_failures_total: 0, ...metrics } })

test('a disk that stood still while commits went on proves nothing', () => {
  const faults = [{ kind: 'disk', fromS: 10, toS: 20 }]
  const samples = commits => Array.from({ length: 30 }, (_, s) => second(s, { store_commits_total: commits(s) }))
  assert.deepEqual(idle(faults, samples(s => s < 11 ? s : s < 20 ? 11 : s)), [])
  assert.deepEqual(idle(faults, samples(s => s)), ['the disk was stopped from 10 s to 20 s and wrote on'])
})

test('an app whose hanging nobody noticed proves nothing', () => {
  const faults = [{ kind: 'app', fromS: 10, toS: 22 }]
  const samples = failures => Array.from({ length: 30 }, (_, s) => second(s, { app_failures_total: s > 20 ? failures : 0 }))
  assert.deepEqual(idle(faults, samples(3)), [])
  assert.equal(idle(faults, samples(0)).length, 1)
})

const line = (atMs, text, level = 'error') => ({ atMs, level, text })

test('errors are forgiven while what provokes them lasts, and a while after', () => {
  const faults = [{ kind: 'backend', fromMs: 1000, toMs: 13_000 }]
  const unknown = 'error room   room "once-1-23" cannot be loaded: retry; its clients are told to retry'
  assert.deepEqual(unprovoked([line(14_000, unknown)], faults), [])
  assert.deepEqual(unprovoked([line(14_000, 'warning app  hanging-app is slow', 'warning')], []), [])
  assert.deepEqual(unprovoked([line(500, unknown)], faults), [`the log says: ${unknown}`])
  assert.deepEqual(unprovoked([line(80_000, unknown)], faults), [`the log says: ${unknown}`])
  assert.equal(unprovoked([line(2000, 'terminate called after throwing')], faults).length, 1)
})

test('clients may be told to come again, and nothing worse', () => {
  const report = closes => [{ name: 'yjs', round: 2, closes }]
  assert.deepEqual(illTreated(report({ 4503: 3, 4508: 1 })), [])
  assert.deepEqual(illTreated(report({ 4500: 2, 4503: 1 })), ['2 clients of "yjs" were closed with 4500 in round 2'])
})
