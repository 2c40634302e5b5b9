// A real Yjs client in a process of its own, steered from a test. Its memory, its sockets and its
// BroadcastChannel are not ours, so whatever two of them share went through the server.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describeDifference } from './fingerprint.mjs'
import { until } from './wait.mjs'

export class Client {
  // `program`: what runs in the process, beside this file.
  constructor ({ gc = true, program = './client-process.mjs' } = {}) {
    const env = { ...process.env, FRESHET_CLIENT_GC: gc ? 'on' : 'off' }
    this.process = fork(fileURLToPath(new URL(program, import.meta.url)), { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    this.pending = new Map()
    this.calls = 0
    this.ended = once(this.process, 'exit')
    this.process.on('message', ({ call, result, error }) => {
      const { resolve, reject } = this.pending.get(call)
      this.pending.delete(call)
      error ? reject(new Error(error)) : resolve(result)
    })
    this.process.on('exit', code => {
      for (const { reject } of this.pending.values()) reject(new Error(`the client ended: ${code}`))
      this.pending.clear()
    })
  }

  // options: { url, room, params?, protocols?, presence?, version?, gc? }: of y-websocket, 2 or 3
  // gc: false keeps deleted content, for versions
  static async join (options) {
    const self = new Client(options)
    await self.do('open', options)
    return self
  }

  // Like join(), and waits for the server's first answer.
  static async joinSynced (options) {
    const self = await Client.join(options)
    await self.untilSynced()
    return self
  }

  // One command of client-process.mjs.
  do (name, ...args) {
    const call = ++this.calls
    return new Promise((resolve, reject) => {
      this.pending.set(call, { resolve, reject })
      this.process.send({ call, name, args }, error => {
        if (error && this.pending.delete(call)) reject(error)
      })
    })
  }

  untilSynced (options) {
    return until('the client is synced', async () => (await this.do('status')).synced,
      { ...options, describe: async () => JSON.stringify(await this.do('status')) })
  }

  async untilText (expected, options) {
    await until(`the text is ${JSON.stringify(expected)}`,
      async () => (await this.do('view')).text === expected,
      { ...options, describe: async () => JSON.stringify((await this.do('view')).text) })
  }

  // Everything this client wrote has come back to it: it is on the server's disk.
  untilAcknowledged (options) {
    return until('all edits are acknowledged', async () => (await this.do('unacknowledged')) === 0,
      { ...options, describe: async () => `${await this.do('unacknowledged')} are not` })
  }

  // Its socket dies without a goodbye.
  async kill () {
    this.process.kill('SIGKILL')
    await this.ended
  }

  // Its socket stays, nothing moves.
  freeze () { this.process.kill('SIGSTOP') }
  thaw () { this.process.kill('SIGCONT') }
}

// All clients show the same document, and it is the same history: content, clocks and deletions.
export async function untilConverged (clients, options) {
  let prints = []
  const fingerprints = async () => {
    prints = await Promise.all(clients.map(client => client.do('fingerprint')))
    return prints
  }
  await until('all clients have the same document',
    async () => new Set(await fingerprints()).size === 1,
    { everyMs: 100, ...options, describe: () => describeDifference(prints) })
}
