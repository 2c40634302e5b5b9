// nginx and HAProxy in front of nodes, with the configurations of docs/cluster.md as they stand there, but for addresses and certificates.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from '../../ports/free-port.mjs'
import { Daemon } from './daemon.mjs'

const kHosts = ['alpha', 'beta', 'gamma']
export const kNginx = '/usr/sbin/nginx'
export const kHaproxy = '/usr/sbin/haproxy'

const page = readFileSync(new URL('../../../docs/cluster.md', import.meta.url), 'utf8')
function fromDocs (language) {
  const code = page.match(new RegExp('```' + language + '\\n([\\s\\S]*?)```'))?.[1]
  if (!code) throw new Error(`docs/cluster.md has no example in ${language}`)
  return code
}

// Each of `pairs` is there, and is replaced.
function replaced (text, pairs) {
  for (const [from, to] of pairs) {
    if (!text.includes(from)) throw new Error(`the example has no "${from}"`)
    text = text.replaceAll(from, to)
  }
  return text
}

// { certificate, key }: files, of 127.0.0.1.
export async function certificate (t) {
  const folder = await mkdtemp(join(tmpdir(), 'freshet-tls-'))
  t.after(() => rm(folder, { recursive: true }))
  const [key, crt, both] = ['key', 'crt', 'both'].map(name => join(folder, name))
  await promisify(execFile)('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
    '-subj', '/CN=a test', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', crt])
  await writeFile(both, await readFile(crt, 'utf8') + await readFile(key, 'utf8'))
  for (const file of [key, crt, both]) await chmod(file, 0o644)
  await chmod(folder, 0o755)
  return { key, crt, both }
}

const takes = port => new Promise(resolve => {
  const socket = connect(port, '127.0.0.1', () => { socket.destroy(); resolve(true) })
  socket.on('error', () => resolve(false))
})

const addresses = nodes => kHosts.map((host, i) => [`${host}:4747`, `127.0.0.1:${nodes[i].port}`])

// `placing`: 'hash $uri consistent', as the docs have it, or another.
export async function nginx (t, nodes, tls, placing = 'hash $uri consistent') {
  const port = await freePort()
  const conf = replaced(fromDocs('nginx'), [...addresses(nodes), ['hash $uri consistent', placing], ['listen 443', `listen 127.0.0.1:${port}`],
    ['/etc/ssl/freshet.pem', tls.crt], ['/etc/ssl/freshet.key', tls.key]])
  const around = folder => `daemon off; pid ${folder}/pid; error_log stderr; worker_processes 1; events {}
http { access_log off; ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(name => `${name}_temp_path ${folder}/${name};`).join(' ')}
${conf} }\n`
  await Daemon.start(t, kNginx, {
    files: folder => ({ 'nginx.conf': around(folder) }),
    args: folder => ['-e', 'stderr', '-c', join(folder, 'nginx.conf')],
    ready: () => takes(port)
  })
  return `wss://127.0.0.1:${port}/yjs`
}

export async function haproxy (t, nodes, tls) {
  const port = await freePort()
  const conf = replaced(fromDocs('haproxy'), [...addresses(nodes), ['bind :443', `bind 127.0.0.1:${port}`], ['/etc/ssl/freshet-with-key.pem', tls.both]])
  await Daemon.start(t, kHaproxy, {
    files: () => ({ 'haproxy.cfg': conf }),
    args: folder => ['-db', '-f', join(folder, 'haproxy.cfg')],
    ready: () => takes(port)
  })
  return `wss://127.0.0.1:${port}/yjs`
}
