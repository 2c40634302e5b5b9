// The server of a soak, with all it stands beside: a disk, a backend and an app that can be made to hang.
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { Backend, webhookSecret } from '../../tests/interop/lib/backend.mjs'
import { Server } from '../../tests/interop/lib/server.mjs'

// What is not the server's default, and why. Shown with the verdict.
export const notDefault = [
  'linger_ms = 5 s (a rest need not wait longer for rooms to go)',
  'protocol-pluv, app-webhook and an app that hangs beside the usual plugins'
]

// A backend that can fall silent: it takes requests and answers none.
export class SilentBackend extends Backend {
  #held = []
  silent = false

  async take (request, response) {
    if (!this.silent) return await super.take(request, response)
    this.#held.push(response)
  }

  speak () {
    this.silent = false
    for (const response of this.#held.splice(0)) response.destroy()
    this.events = [] // nobody asks what it was told
  }
}

export class Scene {
  // `inside` is loaded before the server's libraries (inside.c), `hangingApp` is one of its plugins. `out`: a
  // folder for the log.
  static async start ({ inside, hangingApp, out }) {
    const self = new Scene()
    self.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'freshet-soak-'))
    self.log = fs.createWriteStream(path.join(out, 'server.log'))
    self.backend = await SilentBackend.start()
    try {
      self.server = await Server.start({
        env: { LD_PRELOAD: inside, SOAK_FOLDER: self.folder },
        limits: { linger_ms: 5000 },
        plugins: {
          'protocol-yjs': {},
          'protocol-pluv': {},
          'app-webhook': { url: self.backend.url, secret: webhookSecret, states: [] },
          [hangingApp]: { hangs_while: self.#switch('app') }
        },
        hear: text => self.#hear(text)
      })
    } catch (error) {
      await self.end()
      throw error
    }
    return self
  }

  lines = [] // of the log: warnings and errors, { atMs, level, text }
  #rest = ''

  #switch (name) { return path.join(this.folder, name) }

  #hear (text) {
    this.log.write(text)
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop()
    for (const line of lines) {
      const [, level] = /^\S+ (warning|error|critical) /.exec(line) ?? []
      // Whatever is no line of its log was not meant to be said.
      if (level || !/^\S+ (trace|debug|info) /.test(line)) this.lines.push({ atMs: Date.now(), level: level ?? 'error', text: line })
    }
  }

  begin (kind) {
    if (kind === 'backend') this.backend.silent = true
    else fs.writeFileSync(this.#switch(kind), '')
  }

  cease (kind) {
    if (kind === 'backend') this.backend.speak()
    else fs.rmSync(this.#switch(kind), { force: true })
  }

  // Of the server's heap, as it said last.
  heap () {
    const [used, kept] = fs.readFileSync(this.#switch('heap'), 'utf8').split(' ').map(Number)
    return { used_bytes: used, kept_bytes: kept }
  }

  // Everything is gone afterwards, whatever state it was in.
  async end () {
    if (this.server) await this.server.stop().catch(() => {})
    fs.rmSync(this.folder, { recursive: true, force: true })
    await this.backend.down()
    await new Promise(resolve => this.log.end(resolve))
  }
}
