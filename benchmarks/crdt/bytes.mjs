// The family `bytes`: engines that read Yjs updates, on the same ones. Ours is measured by engine-bench,
// which also takes the cases by hand.
import { execFile } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { median } from './figures.mjs'
import { writeTrace } from './trace.mjs'

const run = promisify(execFile)
const READERS = ['freshet', 'yjs', 'y14', 'ywasm']
const SLOW_S = 4
const GENERATED = ['b1-append', 'b1-prepend', 'b1-random', 'b1-words', 'b2-two', 'b2-twenty', 'b2-twenty-53', 'b3-map', 'b3-crowd', 'b3-crowd-53',
  'b4-paper', 'b4-final', 'b4-10k', 'b4-diff', 'map-churn', 'paragraphs']

// A document of the whole takes other cases than a history.
const casesOf = name => name.endsWith('-final') ? ['load', 'encode', 'encode-cold', 'load2', 'encode2']
  : name.endsWith('-diff') ? ['diffdoc']
    : name.endsWith('-10k') ? ['merge'] : name === 'b4' || name === 'b4-paper' ? ['apply', 'typing', 'typing10'] : ['apply']

// The generated ones, made anew when the generator has changed.
const generate = async ({ out, here, seed, scale }) => {
  const folder = path.join(out, `seed-${seed}-scale-${scale}`)
  const ready = path.join(folder, 'ready')
  const generator = ['shapes.mjs', 'dice.mjs'].map(name => fs.readFileSync(path.join(here, name), 'utf8')).join('')
  if (fs.existsSync(ready) && fs.readFileSync(ready, 'utf8') === generator) return folder
  console.log('  writing the workloads (half a minute)')
  const { shapes } = await import('./shapes.mjs')
  fs.mkdirSync(folder, { recursive: true })
  for (const [name, updates] of Object.entries(shapes(seed, scale))) writeTrace(path.join(folder, name + '.upd'), updates)
  fs.writeFileSync(ready, generator)
  return folder
}

const commandOf = (engine, { build, here }, ...words) => engine === 'freshet' ? [path.join(build, 'engine-bench'), words] : [process.execPath, [path.join(here, 'peer.mjs'), engine, ...words]]
const fieldsOf = stdout => Object.fromEntries(stdout.trim().split(' ').map(field => field.split('=')))

const measure = async ({ kind, shape, metric, folder }, engines, settings) => {
  const file = path.join(await folder(), shape + '.upd')
  const lines = Object.fromEntries(engines.filter(engine => READERS.includes(engine)).map(engine => [engine, []]))
  const [said, slow] = [{}, new Set()]
  for (let round = 0; round < settings.rounds; round++) {
    for (const engine of Object.keys(lines)) {
      if (said[engine] || slow.has(engine)) continue
      const start = Date.now()
      try {
        const fields = fieldsOf((await run(...commandOf(engine, settings, metric, file), { env: settings.env })).stdout)
        if (fields.unsupported === '1') said[engine] = { text: '–', why: 'none' }
        else lines[engine].push(fields)
      } catch (error) {
        if (engine === 'freshet') throw error
        said[engine] = { text: 'error', why: 'crash' }
      }
      if (Date.now() - start > SLOW_S * 1000) slow.add(engine)
    }
  }
  const check = engine => lines[engine]?.[0]?.check && `${lines[engine][0].check}/${lines[engine][0].textlen}`
  for (const engine of Object.keys(lines)) {
    if (!said[engine] && check('yjs') && check(engine) && check(engine) !== check('yjs')) said[engine] = { text: 'other text', why: 'wrong' }
  }
  const values = {}
  for (const [engine, all] of Object.entries(lines)) {
    if (!said[engine] && all.length > 0) values[engine] = median(all.map(line => Number(line.ns)))
  }
  return [{ family: 'bytes', kind, shape, metric, ops: Number(lines.freshet[0].ops), values, said }]
}

export const byteJobs = settings => {
  const { corpora } = settings
  const recorded = corpora && fs.existsSync(corpora) ? fs.readdirSync(corpora).filter(name => name.endsWith('.upd')).map(name => path.basename(name, '.upd')).sort() : []
  const jobs = [...GENERATED.map(shape => ({ kind: 'generated', shape, folder: () => generate(settings) })),
    ...recorded.map(shape => ({ kind: 'recorded', shape, folder: () => corpora }))]
  return jobs.flatMap(job => casesOf(job.shape).map(metric => ({
    name: `bytes ${metric} ${job.shape}${job.kind === 'recorded' ? ' recorded' : ''}`,
    measure: engines => measure({ ...job, metric }, engines, settings)
  })))
}
