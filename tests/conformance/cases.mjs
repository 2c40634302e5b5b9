// node cases.mjs ENGINE-CLI WORK: runs all conformance cases through the driver that comes with
// them, then some rounds of live comparison with yjs.
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { corpora, harness } from './corpora.mjs'

const ROUNDS = 300
// docs/crdt.md says which cases, and why not all of them end with the very bytes of Yjs.
const LEAST_EXACT = 5820

const [engine, work] = process.argv.slice(2).map(arg => path.resolve(arg)) // the driver runs elsewhere
const folder = corpora()
const home = harness(folder, work)
const report = path.join(work, 'report.json')

const drive = args => {
  fs.rmSync(report, { force: true })
  const run = spawnSync('node', ['driver.mjs', '--json', report, ...args, '--', engine], { cwd: home, stdio: ['ignore', 'inherit', 'inherit'] })
  if (run.error) throw run.error
  return JSON.parse(fs.readFileSync(report, 'utf8'))
}

const all = drive(['--cases', path.join(folder, 'conformance', 'cases')])
const exact = Object.values(all.categories).reduce((sum, category) => sum + (category.exact ?? 0), 0)
const failures = Object.values(all.categories).flatMap(category => category.failures)
for (const { id, why } of failures) console.log(`${id}: ${why.slice(0, 300)}`)
const live = drive(['--fuzz', String(ROUNDS), '--seed', 'corpora'])
console.log(`${all.total.pass} cases passed, ${exact} of them exact, ${failures.length} failed, ${all.total.skipped} of other capabilities; ${live.total.pass} of ${ROUNDS} live rounds`)
process.exit(failures.length || live.total.fail || all.total.pass < 6144 || exact < LEAST_EXACT ? 1 : 0)
