// The real server binary, in a folder of its own, on a free port of the loopback.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../ports/free-port.mjs'
import { oneLine, until } from './wait.mjs'

// settings: { server: {key: value}, limits: {key: value}, plugins: [[name, {setting: value}], …] }
export function manifestText ({ server, limits = {}, plugins }) {
  const lines = ['[server]']
  const assign = (key, value) => lines.push(`${key} = ${JSON.stringify(value)}`)
  Object.entries(server).forEach(([key, value]) => assign(key, value))
  if (Object.keys(limits).length > 0) lines.push('', '[limits]')
  Object.entries(limits).forEach(([key, value]) => assign(key, value))
  for (const [name, settings] of plugins) {
    lines.push('', '[[plugin]]')
    assign('use', name)
    const entries = Object.entries(settings)
    if (entries.length > 0) lines.push('[plugin.settings]')
    entries.forEach(([key, value]) => assign(key, value))
  }
  return lines.join('\n') + '\n'
}

export const basePlugins = {
  'platform-ws': {},
  'crdt-native': {},
  'store-sqlite': { path: 'freshet.db' },
  'protocol-yjs': { retry_delay_ms: 0 } // whoever is refused need not wait: closes.test.mjs has those
}

export class Server {
  // `plugins` is laid over the usual four: { 'auth-jwt': {…}, 'platform-ws': {…} }; `base`: other ones in their place.
  // `manifest`: a whole one instead, which listens on port 4747 as far as it knows.
  // `fileBytes`: no file of the server may become longer, until prlimit says otherwise.
  // `addressBytes`: all its memory, used or only asked for. Stacks of 8 MiB a thread, as they are asked for usually, would
  // leave none of 400 MB.
  // `env`: beside that of this process. `hear`: is given all that the server says.
  static async start ({ manifest, base = basePlugins, plugins = {}, server = {}, limits = {}, fileBytes, addressBytes, env, hear } = {}) {
    const self = new Server()
    Object.assign(self, { fileBytes, addressBytes, env, hear })
    self.port = await freePort()
    self.folder = await mkdtemp(join(tmpdir(), 'freshet-'))
    const names = new Set([...Object.keys(base), ...Object.keys(plugins)])
    const text = manifest?.replace('127.0.0.1:4747', `127.0.0.1:${self.port}`) ?? manifestText({
      server: { listen: [`127.0.0.1:${self.port}`], admin: 'unix:admin.sock', ...server },
      limits,
      plugins: [...names].map(name => [name, { ...base[name], ...plugins[name] }])
    })
    await writeFile(join(self.folder, 'freshet.toml'), text)
    try {
      await self.launch()
    } catch (error) {
      await self.stop().catch(() => {})
      throw error
    }
    return self
  }

  get url () { return `ws://127.0.0.1:${this.port}/yjs` }
  get database () { return join(this.folder, 'freshet.db') }

  // Also after a kill: the same folder, the same port.
  async launch () {
    const binary = process.env.FRESHET_BIN
    if (!binary) throw new Error('FRESHET_BIN names no server')
    this.log = ''
    let limit = this.fileBytes ? `trap '' XFSZ; ulimit -S -f ${this.fileBytes / 1024}; ` : ''
    if (this.addressBytes) limit += `ulimit -v ${this.addressBytes / 1024} -s 1024; `
    this.process = spawn('setpriv', ['--pdeathsig', 'KILL', 'bash', '-c', `${limit}exec "$0" serve freshet.toml`, binary],
      { cwd: this.folder, env: { ...process.env, ...this.env } })
    this.process.on('error', error => { this.log += String(error) })
    this.ended = once(this.process, 'exit')
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream.setEncoding('utf8')
      // The tail is enough to understand a failure, and a busy server cannot fill the memory.
      stream.on('data', text => {
        this.log = (this.log + text).slice(-20_000)
        this.hear?.(text)
      })
    }
    // A server on a store that others share may have to wait for one that died.
    await until('the server is ready', () => this.ready(), { withinMs: 30_000, describe: () => this.log })
  }

  // `freshet …` with this server's manifest; its exit code and what it printed.
  async cli (...args) {
    const child = spawn(process.env.FRESHET_BIN, [...args, '-m', 'freshet.toml'], { cwd: this.folder })
    const out = { code: null, stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr']) child[name].setEncoding('utf8').on('data', text => { out[name] += text })
    ;[out.code] = await once(child, 'close')
    return out
  }

  async ready () {
    if (this.process.exitCode !== null || this.process.signalCode !== null) {
      throw new Error(oneLine(`the server ended: ${this.log}`))
    }
    try {
      return (await fetch(`http://127.0.0.1:${this.port}/readyz`)).status === 200
    } catch { return false }
  }

  // The most memory it ever had at once.
  async peakBytes () {
    const status = await readFile(`/proc/${this.process.pid}/status`, 'utf8')
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)[1]) * 1024
  }

  async kill (signal = 'SIGKILL') {
    this.process.kill(signal)
    await this.ended
    return this.process.exitCode
  }

  // For t.after(): ends it and removes its folder; a server that a test found crashed is told.
  async stop () {
    const crashed = this.process.exitCode !== null && this.process.exitCode !== 0
    if (this.process.exitCode === null && this.process.signalCode === null) await this.kill()
    await rm(this.folder, { recursive: true, force: true })
    if (crashed) throw new Error(oneLine(`the server had crashed: ${this.log}`))
  }
}
