// The family `edits`: what a script costs each engine, in its own format.
import { execFile } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { isDeepStrictEqual, promisify } from 'node:util'
import { METRICS, rowsOf } from './figures.mjs'
import { author, isEdit, writeScript } from './script.mjs'
import { scripts } from './scripts.mjs'
import { readTrace } from './trace.mjs'

const run = promisify(execFile)
// What writes updates of the Yjs format ends with one document, however concurrent it was.
const ALIKE = ['freshet', 'yjs', 'y14', 'ywasm']
const END_S = 300
// What takes longer than this in the first round is not repeated.
const SLOW_S = 4

// Enough copies of small documents to see one of them; of large ones, few.
const copiesOf = edits => Math.min(50, Math.max(4, Math.round(300000 / edits)))

const recordedPaper = async file => {
  const { scriptOf } = await import('./recorded.mjs')
  return scriptOf(readTrace(file), 1234567890)
}

const all = ({ seed, scale, corpora }) => {
  const paper = corpora && path.join(corpora, 'b4.upd')
  return scripts(seed, scale).map(script => script.name === 'b4' && paper && scale === 1 && fs.existsSync(paper)
    ? { name: 'b4', title: 'one writes a paper (recorded)', steps: () => recordedPaper(paper) }
    : script)
}

// Who wrote how much of each engine's state: a document may look right and be of others.
const clientsOf = async (engines, file) => {
  const { decodeStateVector, encodeStateVectorFromUpdate } = await import('yjs')
  return Object.fromEntries(engines.map(engine => [engine, decodeStateVector(encodeStateVectorFromUpdate(new Uint8Array(fs.readFileSync(file(engine)))))]))
}

const failure = error => error.killed ? { text: 'no end', why: 'slow' } : { text: 'error', why: 'crash' }

const measure = async (script, engines, settings) => {
  const { out, build, here, rounds, env } = settings
  const steps = await script.steps()
  const edits = steps.filter(isEdit).length
  const file = name => path.join(out, 'work', name)
  fs.mkdirSync(path.join(out, 'work'), { recursive: true })
  writeScript(file('script'), steps)
  const alone = steps.filter(step => step.do === author(0, 0).do).length === 1
  const samples = Object.fromEntries(engines.map(engine => [engine, []]))
  const [failed, contents] = [{}, {}]

  const ask = async (engine, ...words) => {
    const [program, before] = engine === 'freshet' ? [path.join(build, 'crdt/crdt-player'), []] : [process.execPath, ['--expose-gc', path.join(here, 'player.mjs'), engine]]
    const { stdout } = await run(program, [...before, ...words.map(String)], { env, timeout: END_S * 1000, maxBuffer: 2 ** 24 })
    return JSON.parse(stdout)
  }
  const content = name => JSON.parse(fs.readFileSync(file(name), 'utf8'))
  // A document's memory is the same in each round.
  const round = async (engine, first) => {
    const written = await ask(engine, 'write', file('script'), file(`${engine}.state`), file(`${engine}.written`))
    const loaded = await ask(engine, 'load', file(`${engine}.state`), file(`${engine}.loaded`), first ? copiesOf(edits) : 0)
    contents[engine] = content(`${engine}.written`)
    if (!isDeepStrictEqual(content(`${engine}.loaded`), contents[engine])) failed[engine] = { text: 'other document', why: 'unlike' }
    samples[engine].push({ ...written, ...loaded })
  }
  const slow = new Set()
  for (let i = 0; i < rounds; i++) {
    for (const engine of engines) {
      if (failed[engine] || slow.has(engine)) continue
      const start = Date.now()
      try {
        await round(engine, i === 0)
      } catch (error) {
        if (engine === 'freshet') throw error
        failed[engine] = failure(error)
        console.log(`  ${engine}: ${String(error.stderr || error.message).trim().split('\n').find(line => /error/i.test(line)) ?? error.message}`)
      }
      if (Date.now() - start > SLOW_S * 1000) slow.add(engine)
    }
  }
  const truth = contents.yjs ?? contents.freshet
  for (const engine of engines) {
    if (failed[engine] || !(alone || ALIKE.includes(engine))) continue
    if (!isDeepStrictEqual(contents[engine], truth)) failed[engine] = { text: 'other document', why: 'wrong' }
  }
  if (contents.yjs) {
    const clients = await clientsOf(engines.filter(engine => ALIKE.includes(engine) && contents[engine]), engine => file(`${engine}.state`))
    for (const [engine, theirs] of Object.entries(clients)) {
      if (!failed[engine] && !isDeepStrictEqual(theirs, clients.yjs)) failed[engine] = { text: 'other ids', why: 'ids' }
    }
  }
  const rows = rowsOf(script, samples, failed, settings.limit_s)
  return rows.map(row => ({ ...row, edits, once: [...slow] }))
}

export const editJobs = settings => all(settings).map(script => ({
  name: `edits ${script.name}`,
  measure: engines => measure(script, engines, settings)
}))
