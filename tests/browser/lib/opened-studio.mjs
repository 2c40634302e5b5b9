// A real server with the studio in it, and the address that `freshet studio` prints for a browser.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { Server } from '../../interop/lib/server.mjs'

export async function openStudio (t, { plugins = {}, limits = {} } = {}) {
  const server = await Server.start({ plugins: { studio: {}, ...plugins }, limits })
  t.after(() => server.stop())
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', process.env.FRESHET_BIN, 'studio', 'freshet.toml'], { cwd: server.folder, stdio: ['ignore', 'pipe', 'ignore'] })
  t.after(() => { child.kill() })
  const [address] = await once(createInterface({ input: child.stdout }), 'line')
  return { server, address }
}

// The load generator, until `t` ends or it does by itself. `words`: its options.
export function load (t, server, words) {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', process.env.FRESHET_LOAD, '--at', `127.0.0.1:${server.port}`, '--warmup-s', '0', '--settle-s', '0', ...words], { stdio: 'ignore' })
  t.after(() => { child.kill() })
  return once(child, 'exit')
}

// Seconds of a processor that it has taken so far.
export async function processorSeconds (server) {
  const fields = (await readFile(`/proc/${server.process.pid}/stat`, 'utf8')).replace(/^.*\) /, '').split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}
