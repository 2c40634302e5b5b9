// `node --test-reporter=tap run.mjs NAME`: the tests of NAME.test.mjs, also of a folder beside this one, or one line why they cannot run.
import { existsSync } from 'node:fs'

const [name] = process.argv.slice(2)
if (existsSync(new URL('./node_modules/yjs', import.meta.url))) {
  await import(`./${name}.test.mjs`)
} else {
  console.log('1..0 # SKIP the npm packages are not here: ./dev test fetches them')
}
