// Programs of others that a test runs for itself: in a folder in the temporary one, as a user without rights also where the test is root.
// They end with the test, however that ends.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, chown, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { oneLine, until } from '../../interop/lib/wait.mjs'

// { uid, gid } to run a program as; nothing where the test is nobody special itself.
export async function unprivileged () {
  if (process.getuid() !== 0) return {}
  const users = (await readFile('/etc/passwd', 'utf8')).split('\n').map(line => line.split(':'))
  const found = ['postgres', 'nobody'].map(name => users.find(user => user[0] === name)).find(user => user)
  return { uid: Number(found[2]), gid: Number(found[3]) }
}

// Theirs. Others may look in: the servers that connect may be another user.
export async function folderFor (user, prefix) {
  const folder = await mkdtemp(join(tmpdir(), prefix))
  if (user.uid !== undefined) await chown(folder, user.uid, user.gid)
  await chmod(folder, 0o755)
  return folder
}

// Of a test that needs it.
export const needs = (path, others = { skip: false }) =>
  others.skip ? others : { skip: existsSync(path) ? false : `${path} is not installed: ./dev test installs it` }

export class Daemon {
  log = ''

  // `args` and `files` (name to text): of its folder. `ready`: gives something truthy once it serves.
  static async start (t, program, { args, files = () => ({}), ready }) {
    const self = new Daemon()
    t.after(() => self.end())
    self.as = await unprivileged()
    self.folder = await folderFor(self.as, 'freshet-with-')
    for (const [name, text] of Object.entries(files(self.folder))) await writeFile(join(self.folder, name), text)
    self.process = spawn('setpriv', ['--pdeathsig', 'KILL', program, ...args(self.folder)],
      { ...self.as, cwd: self.folder, stdio: ['ignore', 'pipe', 'pipe'] })
    self.ended = once(self.process, 'exit')
    for (const stream of [self.process.stdout, self.process.stderr]) {
      stream.setEncoding('utf8').on('data', text => { self.log = (self.log + text).slice(-5_000) })
    }
    await until(`${program} serves`, () => {
      if (self.#over) throw new Error(oneLine(`${program} ended: ${self.log}`))
      return ready()
    }, { describe: () => self.log })
    return self
  }

  get #over () { return this.process.exitCode !== null || this.process.signalCode !== null }

  async end () {
    if (this.process && !this.#over) {
      this.process.kill('SIGTERM')
      await this.ended
    }
    if (this.folder) await rm(this.folder, { recursive: true, force: true })
  }
}
