// node peer.mjs yjs|y14|ywasm CASE FILE: one line of measurements, as engine-bench CASE FILE prints it.
import path from 'node:path'
import { readTrace } from './trace.mjs'

const [engine, kind, file] = process.argv.slice(2)
const most = Number(process.env.REPS ?? 25)
const budget = Number(process.env.BUDGET_S ?? 2) * 1e9

const yjs = Y => ({ ...Y, create: () => new Y.Doc(), merge: Y.mergeUpdates, toV2: Y.convertUpdateFormatV1ToV2 })
const peers = {
  yjs: async () => yjs(await import('yjs')),
  // Its types have no kinds, and no document of one is needed to show a text.
  y14: async () => { const Y = await import('@y/y'); return { ...yjs(Y), textOf: doc => doc.get('text').toString() } },
  ywasm: async () => {
    const { default: Y } = await import('ywasm')
    return { ...Y, create: () => new Y.YDoc(), dispose: doc => doc.free(), toV2: (await import('yjs')).convertUpdateFormatV1ToV2 }
  }
}

const fnv1a = text => {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 16777619)
  return (hash >>> 0).toString(16).padStart(8, '0')
}

const Y = await peers[engine]()
const updates = readTrace(file)
const load = some => {
  const doc = Y.create()
  for (const update of some) Y.applyUpdate(doc, update)
  return doc
}
const describe = doc => {
  const text = Y.textOf?.(doc) ?? doc.getText('text').toString()
  return `out=${Y.encodeStateAsUpdate(doc).length} textlen=${text.length} check=${fnv1a(text)}`
}
const out = bytes => `out=${bytes.length}`

// What is prepared untimed, what is timed, what is said of the result, how often it counts.
const cases = {
  apply: () => ({ ops: updates.length, work: () => load(updates), say: describe, drop: Y.dispose }),
  load: () => ({ work: () => load(updates), say: describe, drop: Y.dispose }),
  encode: () => { const doc = load(updates); return { work: () => Y.encodeStateAsUpdate(doc), say: out } },
  'encode-cold': () => ({ prepare: () => load(updates), work: Y.encodeStateAsUpdate, say: out }),
  load2: () => {
    const update = Y.toV2(updates[0])
    return { work: () => { const doc = Y.create(); Y.applyUpdateV2(doc, update); return doc }, say: describe, drop: Y.dispose }
  },
  encode2: () => { const doc = load(updates); return { work: () => Y.encodeStateAsUpdateV2(doc), say: out } },
  merge: () => Y.merge && ({ ops: updates.length, work: () => Y.merge(updates), say: out }),
  diffdoc: () => {
    const [first, ...vectors] = updates
    const doc = load([first])
    return {
      ops: vectors.length,
      work: () => vectors.reduce((bytes, vector) => bytes + Y.encodeStateAsUpdate(doc, vector).length, 0),
      say: bytes => `out=${bytes}`
    }
  }
}

const bench = cases[kind]?.()
if (!bench) {
  console.log(`engine=${engine} case=${kind} unsupported=1`)
} else {
  const times = []
  const once = () => {
    const input = bench.prepare?.()
    const start = process.hrtime.bigint()
    const result = bench.work(input)
    times.push(Number(process.hrtime.bigint() - start))
    const said = times.length === 1 ? bench.say(result) : ''
    bench.drop?.(result)
    return said
  }
  const said = once()
  const start = process.hrtime.bigint()
  while (times.length < most && (times.length < 3 || Number(process.hrtime.bigint() - start) < budget) && times[0] < 2.5e9) once()
  times.sort((a, b) => a - b)
  console.log(`engine=${engine} case=${kind} file=${path.basename(file, '.upd')} ops=${bench.ops ?? 1} ns=${times[times.length >> 1]} min_ns=${times[0]} reps=${times.length} ${said}`)
}
process.exit(0)
