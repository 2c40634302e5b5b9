#!/usr/bin/env node
// Starts the server that is in this package. Without arguments it serves, in the folder it is
// started in.
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../linux-x64/bin/freshet', import.meta.url))
const given = process.argv.slice(2)
const child = spawn(program, given.length > 0 ? given : ['serve'], { stdio: 'inherit' })

// A terminal sends its signals to both; who signals this process means the server.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => { if (!(signal === 'SIGINT' && process.stdin.isTTY)) child.kill(signal) })
}
child.on('error', error => {
  console.error(`freshet: ${program} does not start: ${error.message}`)
  console.error('It is built for Linux on x64 with glibc 2.36 or newer, as Debian 12 has.')
  process.exitCode = 1
})
child.on('exit', (code, signal) => { process.exitCode = code ?? 128 + constants.signals[signal] })
