// The three servers whose clients are the same: each { name, wire, path, port }, gone when `t` says so.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Hocuspocus } from '../../interop/lib/hocuspocus-server.mjs'
import { freePort } from '../../ports/free-port.mjs'
import { Server } from '../../interop/lib/server.mjs'
import { until } from '../../interop/lib/wait.mjs'

// Whether this build of Freshet speaks the wire of Hocuspocus' provider.
export const hasHocuspocusWire = existsSync(join(dirname(process.env.FRESHET_BIN ?? '/'), '../plugins/protocol-hocuspocus'))

export async function freshet (t, { wire = 'y-websocket', plugins = {} } = {}) {
  const more = wire === 'hocuspocus' ? { 'protocol-hocuspocus': {} } : {}
  const server = await Server.start({ plugins: { ...more, ...plugins } })
  t.after(() => server.stop())
  return { name: 'Freshet', wire, path: wire === 'hocuspocus' ? '/hocuspocus' : '/yjs', port: server.port, server }
}

export async function hocuspocus (t) {
  const server = await Hocuspocus.start(t, {})
  return { name: 'Hocuspocus 4.7', wire: 'hocuspocus', path: '', port: server.port }
}

const listens = port => new Promise(resolve => {
  const socket = connect(port, '127.0.0.1', () => { socket.destroy(); resolve(true) }).on('error', () => resolve(false))
})

export async function yWebsocket (t) {
  const program = join(createRequire(import.meta.url).resolve('y-websocket-2'), '../../bin/server.cjs')
  const port = await freePort()
  const folder = await mkdtemp(join(tmpdir(), 'y-websocket-'))
  const child = spawn(process.execPath, [program], { cwd: folder, env: { ...process.env, HOST: '127.0.0.1', PORT: String(port) }, stdio: 'ignore' })
  const ended = once(child, 'exit')
  t.after(async () => { child.kill('SIGKILL'); await ended; await rm(folder, { recursive: true, force: true }) })
  await until('y-websocket listens', () => listens(port))
  return { name: 'y-websocket 2.1', wire: 'y-websocket', path: '', port }
}
