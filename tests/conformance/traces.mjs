// node traces.mjs ENGINE-BENCH ENGINE-CLI WORK: recorded histories end as they end in Yjs.
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { corpora, harness, readTrace, startEngine } from './corpora.mjs'

const [bench, cli, work] = process.argv.slice(2)
const folder = corpora()
const require = createRequire(path.join(harness(folder, work), 'package.json'))
const Y = require('yjs')
const traces = path.join(folder, 'traces')
let failed = 0
const check = (what, ok, detail) => {
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${what}${ok ? '' : ': ' + detail}`)
  if (!ok) failed++
}

for (const line of fs.readFileSync(path.join(traces, 'yjs-checks.tsv'), 'utf8').split('\n').filter(Boolean)) {
  const [kind, file, hash, textlen, out] = line.split('\t')
  const got = execFileSync(bench, [kind, path.join(traces, file + '.upd')], { env: { ...process.env, REPS: '1' } }).toString()
  const want = `out=${out} textlen=${textlen} check=${hash}`
  check(`${kind} ${file}`, got.includes(want), `got ${got.trim()} want ${want}`)
}

// Documents without a text: their JSON, and their bytes.
const SHAPES = { 'map-churn100k': (doc, name) => doc.getMap(name).toJSON(), 'pm-blocks62k': (doc, name) => doc.getXmlFragment(name).toJSON() }
for (const [file, show] of Object.entries(SHAPES)) {
  const updates = readTrace(path.join(traces, file + '.upd'))
  const doc = new Y.Doc()
  const engine = startEngine(cli)
  engine.ask({ cmd: 'doc.new', doc: file })
  for (const update of updates) {
    Y.applyUpdate(doc, update)
    engine.ask({ cmd: 'doc.apply', doc: file, fmt: 1, u: update.toString('base64') })
  }
  const { json } = await engine.ask({ cmd: 'doc.json', doc: file })
  const { u } = await engine.ask({ cmd: 'doc.encode', doc: file, fmt: 1 })
  engine.stop()
  const want = Object.fromEntries([...doc.share.keys()].map(name => [name, show(doc, name)]))
  check(`json ${file}`, Object.keys(want).length > 0 && isDeepStrictEqual(json, want), `${JSON.stringify(json).slice(0, 200)} want ${JSON.stringify(want).slice(0, 200)}`)
  check(`bytes ${file}`, Buffer.from(u, 'base64').equals(Buffer.from(Y.encodeStateAsUpdate(doc))), 'differ')
}
process.exit(failed ? 1 : 0)
