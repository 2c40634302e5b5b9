// A PostgreSQL server of the test's own: in a folder in the temporary one, on a socket in there, as a user without rights
// also where the test is root; it ends when the test does, however that ends. Nothing of the machine's own clusters is touched.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { until } from '../../interop/lib/wait.mjs'
import { folderFor, unprivileged } from './daemon.mjs'

const run = promisify(execFile)
const INSTALLED = '/usr/lib/postgresql'
const USER = 'freshet'

// The newest that is installed; undefined: none.
function programs () {
  if (!existsSync(INSTALLED)) return undefined
  const versions = readdirSync(INSTALLED).filter(version => existsSync(join(INSTALLED, version, 'bin', 'initdb')))
  const newest = versions.sort((a, b) => Number(b) - Number(a))[0]
  return newest && join(INSTALLED, newest, 'bin')
}

// Of a test that needs one.
export const needsPostgres = { skip: programs() ? false : 'no PostgreSQL server is installed: apt install postgresql-15' }

// What a disk of one's own takes.
export const canMount = { skip: process.getuid() === 0 ? false : 'only root may mount a disk' }

export class Postgres {
  // settings: of postgresql.conf. `small`: in `self.small` there is a disk of so many bytes, for a tablespace; that takes root.
  // It ends with the test.
  static async start (t, settings = {}, { small } = {}) {
    const self = new Postgres()
    t.after(() => self.end())
    self.as = await unprivileged() // the server refuses to be root
    self.folder = await folderFor(self.as, 'freshet-pg-')
    self.settings = { listen_addresses: '', unix_socket_directories: self.folder, ...settings }
    self.smallBytes = small
    await self.#run('initdb', '-D', self.data, '-U', USER, '--auth=trust', '--no-sync', '-E', 'UTF8', '--locale=C')
    await self.launch()
    return self
  }

  // Of the same data as `primary`, and of all that comes: under the name `standby`.
  static async startBeside (t, primary, settings = {}) {
    const self = new Postgres()
    t.after(() => self.end())
    self.as = primary.as
    self.folder = await folderFor(self.as, 'freshet-pg-')
    self.settings = { listen_addresses: '', unix_socket_directories: self.folder, ...settings }
    await self.follow(primary)
    return self
  }

  // Also one that was a primary itself, and died. From then on the primary confirms nothing that this one has not.
  async follow (primary) {
    await rm(this.data, { recursive: true, force: true })
    await this.#run('pg_basebackup', '-D', this.data, '-R', '-X', 'stream', '-c', 'fast', '--no-sync',
      '-d', `host=${primary.folder} user=${USER} application_name=standby`)
    await this.launch()
    await primary.query("ALTER SYSTEM SET synchronous_standby_names = 'standby'")
    await primary.query('SELECT pg_reload_conf()')
    await until('the standby is synchronous', async () =>
      await primary.query("SELECT sync_state FROM pg_stat_replication WHERE application_name = 'standby'") === 'sync')
  }

  async promote () {
    await this.query('ALTER SYSTEM RESET synchronous_standby_names')
    await this.query('SELECT pg_promote()')
  }

  get data () { return join(this.folder, 'data') }
  get #backup () { return join(this.folder, 'backup') }
  get socket () { return join(this.folder, '.s.PGSQL.5432') }
  get url () { return this.urlOf('postgres') }
  urlOf (database) { return `postgresql://${USER}@/${database}?host=${encodeURIComponent(this.folder)}` }

  // By way of somebody who listens on a port of the loopback.
  urlBy (port) { return `postgresql://${USER}@127.0.0.1:${port}/postgres` }

  // Also after a kill: once what is left of the old one is gone.
  async launch () {
    await until('PostgreSQL is ready', async () => {
      if (this.process?.exitCode !== null || this.process?.signalCode !== null) this.#spawn()
      return this.#run('psql', '-h', this.folder, '-U', USER, '-d', 'postgres', '-c', 'select 1').then(() => true, () => false)
    }, { everyMs: 100, withinMs: 60_000, describe: () => this.log })
  }

  async kill (signal = 'SIGKILL') {
    this.process.kill(signal)
    await this.ended
  }

  // What it has now, for putBack(): it ends, is copied, and begins again.
  async backUp () {
    await this.kill('SIGINT')
    await run('cp', ['-a', this.data, this.#backup])
    await this.launch()
  }

  async putBack () {
    await this.kill('SIGINT')
    await rm(this.data, { recursive: true })
    await run('cp', ['-a', this.#backup, this.data])
    await this.launch()
  }

  async query (sql, database = 'postgres') {
    const { stdout } = await this.#run('psql', '-h', this.folder, '-U', USER, '-d', database, '-Atc', sql)
    return stdout.trim()
  }

  async end () {
    if (this.process && this.process.exitCode === null && this.process.signalCode === null) await this.kill('SIGQUIT')
    await rm(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
  }

  #spawn () {
    const settings = Object.entries(this.settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    this.log = ''
    const server = [join(programs(), 'postgres'), '-D', this.data, ...settings]
    const options = { cwd: this.folder, stdio: ['ignore', 'ignore', 'pipe'] }
    this.process = this.smallBytes
      ? spawn('setpriv', ['--pdeathsig', 'QUIT', 'unshare', '--mount', 'bash', '-c', `${this.#mount} && exec "$@"`, 'bash', ...this.#without, ...server], options)
      : spawn('setpriv', ['--pdeathsig', 'QUIT', ...server], { ...this.as, ...options })
    this.ended = once(this.process, 'exit')
    this.process.stderr.setEncoding('utf8').on('data', text => { this.log = (this.log + text).slice(-5_000) })
  }

  // A disk that nobody but the server sees, and that is gone with it.
  get small () { return join(this.folder, 'small') }
  get #mount () {
    return `mkdir ${this.small} && mount -t tmpfs -o size=${this.smallBytes},uid=${this.as.uid},gid=${this.as.gid},mode=700 none ${this.small}`
  }

  get #without () { return ['setpriv', `--reuid=${this.as.uid}`, `--regid=${this.as.gid}`, '--clear-groups', '--pdeathsig', 'QUIT'] }

  #run (program, ...args) {
    return run(join(programs(), program), args, { ...this.as, cwd: this.folder })
  }
}
