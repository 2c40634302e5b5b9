// The browser tests, as `./dev browser` has them: ends with one line, `N passed, N failed`.
import { run } from 'node:test'
import { tap } from 'node:test/reporters'
import { fileURLToPath } from 'node:url'

const count = { passed: 0, failed: 0 }
let broken = 0 // files that fail
const [word] = process.argv.slice(2)
const long = ['docs.test.mjs', 'first-page.test.mjs', 'studio-page.test.mjs', 'studio-server.test.mjs']
const files = ['editors.test.mjs', ...(process.env.SMOKE === '1' ? [] : long)]
const tests = run({
  files: files.map(file => fileURLToPath(new URL(file, import.meta.url))), timeout: 180_000, testNamePatterns: word, concurrency: 1
})
const leaf = ({ details, name }) => details.type !== 'suite' && !name.endsWith('.mjs')
tests.on('test:pass', event => { if (leaf(event) && event.skip === undefined) ++count.passed })
tests.on('test:fail', event => { if (leaf(event)) ++count.failed; else if (event.name.endsWith('.mjs')) ++broken })
// Behind the last words of the reporter.
process.on('exit', () => {
  // One that cannot be loaded has no tests to fail.
  if (count.failed === 0) count.failed = broken
  console.log(`${count.passed} passed, ${count.failed} failed`)
  process.exitCode = count.failed === 0 && count.passed > 0 ? 0 : 1
})
tests.compose(tap).pipe(process.stdout)
