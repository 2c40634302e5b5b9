// "In ten minutes" of docs/cluster.md, typed as it stands there: a server with its rooms in a file becomes a node.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import test from 'node:test'
import { promisify } from 'node:util'
import { codeOf, replaced } from '../interop/lib/markdown.mjs'
import { until } from '../interop/lib/wait.mjs'
import { World } from '../interop/lib/world.mjs'
import { needsPostgres, Postgres } from './lib/postgres.mjs'

const run = promisify(execFile)
const page = name => codeOf('cluster.md', name)

test('a server with rooms in a file goes on in a cluster, as the page says', needsPostgres, async t => {
  const postgres = await Postgres.start(t)
  // `freshet` is the superuser's name here.
  const role = replaced(page('role'), ['ROLE freshet', 'ROLE node'], ['OWNER freshet', 'OWNER node'])
  for (const statement of role.split('\n').filter(Boolean)) await postgres.query(statement)
  const world = await World.start(t)
  const { server } = world
  const ann = await world.joinSynced('den')
  await ann.do('append', 'from the file')
  await until('it is told that all is saved', async () => (await ann.do('status')).saved === true)
  await world.leave(ann)
  await server.kill('SIGTERM')

  const manifest = replaced(page('manifest'), ['127.0.0.1:4747', `127.0.0.1:${server.port}`])
  await writeFile(join(server.folder, 'cluster.toml'), manifest)
  const database = postgres.urlOf('freshet').replace('//freshet@', '//node:a%20long%20one@')
  // What serves comes last, and does not end.
  const typed = replaced(page('move'), ['postgresql://freshet:a%20long%20one@localhost/freshet', database], ['freshet serve cluster.toml\n', ''])
  const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', typed], {
    cwd: server.folder, env: { ...process.env, PATH: `${dirname(process.env.FRESHET_BIN)}:${process.env.PATH}` }
  })
  assert.match(stdout, /rooms copied: 1 \(/)

  await writeFile(join(server.folder, 'freshet.toml'), manifest)
  server.env = { FRESHET_DATABASE: database }
  await server.launch()
  const bob = await world.joinSynced('den')
  await bob.untilText('from the file')
})
