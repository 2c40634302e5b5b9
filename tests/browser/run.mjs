// The browser tests, as `./dev browser` has them: ends with one line, `N passed, N failed`.
import { run } from 'node:test'
import { tap } from 'node:test/reporters'
import { fileURLToPath } from 'node:url'

const count = { passed: 0, failed: 0 }
const [word] = process.argv.slice(2)
const files = process.env.SMOKE === '1' ? ['./editors.test.mjs'] : ['./editors.test.mjs', './first-page.test.mjs', './studio-page.test.mjs', './studio-server.test.mjs']
const tests = run({
  files: files.map(name => fileURLToPath(new URL(name, import.meta.url))), timeout: 180_000, testNamePatterns: word
})
const leaf = ({ details, name }) => details.type !== 'suite' && !name.endsWith('.mjs')
tests.on('test:pass', event => { if (leaf(event) && event.skip === undefined) ++count.passed })
tests.on('test:fail', event => { if (leaf(event)) ++count.failed })
// Behind the last words of the reporter.
process.on('exit', () => {
  console.log(`${count.passed} passed, ${count.failed} failed`)
  process.exitCode = count.failed === 0 && count.passed > 0 ? 0 : 1
})
tests.compose(tap).pipe(process.stdout)
