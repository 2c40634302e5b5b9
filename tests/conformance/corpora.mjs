// What the tests on recorded corpora share: where they are, and the real yjs beside them.
import { createHash } from 'node:crypto'
import { execFileSync, spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import readline from 'node:readline'

const SKIPPED = 77 // what meson takes for "not run"

// The folder that FRESHET_CORPORA names, or an exit that meson counts as skipped.
export const corpora = () => {
  const folder = process.env.FRESHET_CORPORA
  if (folder && fs.existsSync(path.join(folder, 'conformance'))) return folder
  console.log('FRESHET_CORPORA names no folder with the corpora: skipped')
  process.exit(SKIPPED)
}

// A copy of the conformance folder under `work`, with its packages; made once per lock file.
export const harness = (folder, work) => {
  const from = path.join(folder, 'conformance')
  const lock = fs.readFileSync(path.join(from, 'package-lock.json'))
  const stamp = createHash('sha256').update(lock).digest('hex').slice(0, 16)
  const to = path.join(work, `harness-${stamp}`)
  if (!fs.existsSync(path.join(to, 'ready'))) {
    fs.rmSync(to, { recursive: true, force: true })
    fs.mkdirSync(to, { recursive: true })
    for (const entry of fs.readdirSync(from)) {
      if (entry !== 'cases' && entry !== 'node_modules') fs.cpSync(path.join(from, entry), path.join(to, entry), { recursive: true })
    }
    execFileSync('chmod', ['-R', 'u+w', to])
    execFileSync('npm', ['ci', '--silent', '--no-audit', '--no-fund', '--ignore-scripts'], { cwd: to, stdio: ['ignore', 'inherit', 'inherit'] })
    fs.writeFileSync(path.join(to, 'ready'), '')
  }
  return to
}

// engine-cli as a function from a request to the promise of its reply.
export const startEngine = command => {
  const child = spawn(command, { stdio: ['pipe', 'pipe', 'inherit'] })
  const waiting = new Map()
  let next = 1
  readline.createInterface({ input: child.stdout }).on('line', line => {
    const reply = JSON.parse(line)
    waiting.get(reply.id)(reply)
    waiting.delete(reply.id)
  })
  const ask = request => new Promise(resolve => {
    const id = next++
    waiting.set(id, resolve)
    child.stdin.write(JSON.stringify({ id, ...request }) + '\n')
  })
  return { ask, stop: () => child.stdin.end() }
}

// The updates of a recorded trace: "YUPD", u32 count, count times (u32 length, bytes).
export const readTrace = file => {
  const bytes = fs.readFileSync(file)
  const updates = []
  let at = 8
  for (let left = bytes.readUInt32LE(4); left > 0; left--) {
    const length = bytes.readUInt32LE(at)
    updates.push(bytes.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  return updates
}
