// node run.mjs FRESHET LOAD INSIDE HANGING_APP OUT: hours of a server in short.
//
// Rounds of load with faults in them, and rests without anybody; at the end the server is killed
// while people write. Then it is judged: verdict.mjs. Writes OUT/samples.jsonl, OUT/server.log and
// OUT/table.md; ends with 0 when nothing is wrong, 1 when something is, 2 when there was no soak.
// Environment: MINUTES (30) or SECONDS, SEED.
import fs from 'node:fs'
import path from 'node:path'
import { Soak } from './soak.mjs'
import { planOf } from './plan.mjs'

const here = import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname)
if (!fs.existsSync(path.join(here, '../../tests/interop/node_modules/yjs'))) {
  console.log('the npm packages are not here: ./dev test fetches them')
  process.exit(77) // meson's word for skipped
}

const [freshet, load, inside, hangingApp, out] = process.argv.slice(2).map(file => path.resolve(file))
const { MINUTES = '30', SECONDS = String(60 * MINUTES), SEED = String(Math.floor(Math.random() * 2 ** 32)) } = process.env
process.env.FRESHET_BIN = freshet

let plan
try {
  plan = planOf(Number(SECONDS))
} catch (error) {
  console.error(error.message)
  process.exit(2)
}
fs.mkdirSync(out, { recursive: true })
console.log(`SEED=${SEED} SECONDS=${SECONDS}: ${plan.rounds} rounds of ${plan.loadS} s of load and a rest`)

const soak = new Soak({ load, inside, hangingApp, out, plan, seed: Number(SEED) })
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => soak.abort(signal))
// Whatever still waits for something, after a signal, does not hold it up.
process.exit(await soak.run())
