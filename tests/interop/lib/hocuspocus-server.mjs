// The real Hocuspocus server and its provider, each in a process of its own: packages of ../hocuspocus.
import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { freePort } from '../../ports/free-port.mjs'
import { oneLine, until } from './wait.mjs'

const folder = new URL('../hocuspocus/', import.meta.url)
const programOf = name => fileURLToPath(new URL(name, folder))

// Why a test cannot run here; false: it can.
export const noHocuspocus = !existsSync(new URL('node_modules/@hocuspocus/server', folder)) && 'its packages are not here: ./dev test fetches them'
export const noHocuspocusStore = noHocuspocus ||
  (!existsSync(new URL('node_modules/better-sqlite3/build/Release/better_sqlite3.node', folder)) && 'its store is not compiled: ./dev test does')

export class Hocuspocus {
  // `options`: database, webhook: those of ../hocuspocus/server.mjs. Gone when the test ends.
  static async start (t, options) {
    const self = new Hocuspocus()
    self.port = await freePort()
    self.process = spawn(process.execPath, [programOf('server.mjs'), JSON.stringify({ port: self.port, ...options })])
    self.ended = once(self.process, 'exit')
    t.after(() => self.stop('SIGKILL'))
    self.log = ''
    for (const stream of [self.process.stdout, self.process.stderr]) {
      stream.setEncoding('utf8').on('data', part => { self.log = (self.log + part).slice(-20_000) })
    }
    await until('Hocuspocus listens', () => {
      if (self.process.exitCode !== null) throw new Error(oneLine(`Hocuspocus ended: ${self.log}`))
      return self.log.includes('listening')
    }, { describe: () => self.log })
    return self
  }

  get url () { return `ws://127.0.0.1:${this.port}` }

  // In order: what it has not stored yet is stored.
  async stop (signal = 'SIGTERM') {
    if (this.process.exitCode === null && this.process.signalCode === null) this.process.kill(signal)
    await this.ended
  }
}

export class HocuspocusClient {
  calls = 0
  pending = new Map()

  // options: { url, room, token = '' }. Gone when the test ends.
  static start (t, { token = '', ...options }) {
    const self = new HocuspocusClient()
    self.process = fork(programOf('client.mjs'), [JSON.stringify({ token, ...options })], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    self.ended = once(self.process, 'exit')
    t.after(async () => { self.process.kill('SIGKILL'); await self.ended })
    self.process.on('message', ({ call, result }) => {
      self.pending.get(call)(result)
      self.pending.delete(call)
    })
    return self
  }

  // One command of ../hocuspocus/client.mjs.
  do (name, ...args) {
    const call = ++this.calls
    return new Promise(resolve => {
      this.pending.set(call, resolve)
      this.process.send({ call, name, args })
    })
  }

  until (what, fact) {
    return until(what, async () => fact(await this.do('state')), { describe: async () => JSON.stringify(await this.do('state')) })
  }

  untilSynced () { return this.until('the provider is synced', state => state.synced && state.unsynced === 0) }
}
