// The servers that are compared: each in a folder of its own, on a free port, on the processor it is
// given, with its store on disk and otherwise as it comes. What is not its default stands in `set`.
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { freePort } from '../../tests/ports/free-port.mjs'
import { lifted, told } from './limits.mjs'
import { start } from './processes.mjs'

const here = import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname)
const versionOf = name => JSON.parse(fs.readFileSync(path.join(here, 'node_modules', name, 'package.json'))).version

const freshetVersion = () => fs.readFileSync(path.join(here, '../../meson.build'), 'utf8').match(/version: '([^']+)'/)[1]

const settings = (lifts, of) => lifts.filter(({ section }) => section === of).map(({ key, value }) => `${key} = ${value}\n`).join('')
const manifest = (port, lifts, protocol = 'protocol-yjs') => `[server]
listen = ["127.0.0.1:${port}"]

[limits]
${settings(lifts, 'limits')}
[[plugin]]
use = "platform-ws"
[plugin.settings]
shards = 1
${settings(lifts, 'platform-ws')}
[[plugin]]
use = "crdt-native"

[[plugin]]
use = "store-sqlite"
[plugin.settings]
path = "freshet.db"

[[plugin]]
use = "${protocol}"
`

// Whether this server has a setting: it refuses a manifest with one that it has not.
const knows = freshet => {
  const answers = new Map()
  return (section, key) => {
    const name = `${section}.${key}`
    if (!answers.has(name)) {
      const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'freshet-bench-'))
      fs.writeFileSync(path.join(folder, 'freshet.toml'), manifest(4747, [{ section, key, value: 1_000_000 }]))
      const { status } = spawnSync(freshet, ['check', 'freshet.toml'], { cwd: folder, timeout: 30_000 })
      fs.rmSync(folder, { recursive: true, force: true })
      answers.set(name, status === 0)
    }
    return answers.get(name)
  }
}

const freshetServer = (freshet, { name, protocol, wire, path: route }) => {
  const known = knows(freshet)
  const lifts = options => lifted(options, known)
  return {
    name,
    version: freshetVersion(),
    store: 'store-sqlite',
    set: options => told([{ key: 'shards', value: 1 }, ...lifts(options)]),
    wire,
    path: route,
    command: (folder, port, options) => {
      fs.writeFileSync(path.join(folder, 'freshet.toml'), manifest(port, lifts(options), protocol))
      return { file: freshet, args: ['serve', 'freshet.toml'] }
    }
  }
}

const yWebsocketServer = own => ({
  version: versionOf('y-websocket'),
  set: () => '–',
  wire: 'yjs',
  path: '/',
  ...own,
  command: (_, port) => ({
    file: process.execPath,
    args: [path.join(here, 'node_modules/y-websocket/bin/server.cjs')],
    env: { HOST: '127.0.0.1', PORT: String(port), ...own.env }
  })
})

// wire, path: for the load generator, which is given `options`. command: what to run in the folder.
// onlyWhereNamed: it is asked for what a scenario has it beside, and for nothing else.
export const servers = freshet => [
  freshetServer(freshet, { name: 'Freshet', protocol: 'protocol-yjs', wire: 'yjs', path: '/yjs' }),
  freshetServer(freshet, { name: "Freshet, Hocuspocus' wire", protocol: 'protocol-hocuspocus', wire: 'hocuspocus', path: '/hocuspocus' }),
  {
    name: 'Hocuspocus',
    version: versionOf('@hocuspocus/server'),
    store: 'extension-sqlite',
    set: () => '–',
    wire: 'hocuspocus',
    path: '/',
    command: (_, port) => ({ file: process.execPath, args: [path.join(here, 'hocuspocus.mjs'), String(port), 'hocuspocus.db'] })
  },
  yWebsocketServer({ name: 'y-websocket', store: `y-leveldb ${versionOf('y-leveldb')}`, env: { YPERSISTENCE: './leveldb' } }),
  yWebsocketServer({ name: 'y-websocket, no disk', store: 'nothing', onlyWhereNamed: true })
]

const listens = port => new Promise(resolve => {
  const socket = net.connect(port, '127.0.0.1')
  socket.once('connect', () => { socket.destroy(); resolve(true) })
  socket.once('error', () => resolve(false))
})

// Calls use({ port, pid }) while the server runs. Its last words are in the error if it does not.
export const withServer = async (server, cpu, options, use) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'freshet-bench-'))
  const port = await freePort()
  const { file, args, env = {} } = server.command(folder, port, options)
  // taskset becomes what it starts: the process keeps its id.
  const pinned = cpu === undefined ? [file, args] : ['taskset', ['-c', String(cpu), file, ...args]]
  const child = start(...pinned, { cwd: folder, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let words = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', data => { words = (words + data).slice(-2000) })
  const ended = new Promise(resolve => child.once('close', resolve))
  child.once('error', error => { words += error.message })
  try {
    for (let tries = 0; !await listens(port); tries++) {
      if (child.exitCode !== null || child.pid === undefined || tries === 150) throw new Error(`${server.name} did not start: ${words.trim()}`)
      await new Promise(resolve => setTimeout(resolve, 100))
    }
    return await use({ port, pid: child.pid })
  } finally {
    child.kill('SIGTERM')
    const insist = setTimeout(() => child.kill('SIGKILL'), 10_000)
    if (child.pid !== undefined) await ended
    clearTimeout(insist)
    fs.rmSync(folder, { recursive: true, force: true })
  }
}
