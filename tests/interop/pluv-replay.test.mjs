// The client side of every recorded session, played again. FRESHET_CORPORA names their folder; the
// recordings are not part of this tree.
import assert from 'node:assert/strict'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { Replay } from './lib/pluv-replay.mjs'
import { Server } from './lib/server.mjs'

const secret = 'a secret of the replays, and a long one'
const folder = join(process.env.FRESHET_CORPORA ?? '', 'reference', 'pluv', 'transcripts')
const groups = ['core', 'raw', 'hazard', 'slow', 'beyond', 'proc']

if (!process.env.FRESHET_CORPORA || !existsSync(folder)) {
  test('recorded sessions', { skip: 'FRESHET_CORPORA names no folder with reference/pluv/transcripts' }, () => {})
} else {
  const files = readdirSync(folder).filter(name => groups.includes(name.split('-')[0]) && name.endsWith('.jsonl'))
    .filter(name => name.includes(process.env.ONLY ?? ''))
  // Sessions in which time is what is tested are played in a twentieth of it.
  for (const kind of ['', 'slow', 'proc']) {
    const plugins = {
      'auth-jwt': { pluv_secret: secret, leeway_ms: 0 },
      'protocol-pluv': kind === 'slow' ? { idle_timeout_ms: '2 s', retry_delay_ms: 0 } : {},
      ...(kind === 'proc' ? { [process.env.FRESHET_PROCEDURES]: {} } : {})
    }
    const kindOf = name => ['slow', 'proc'].find(kind => name.startsWith(kind + '-')) ?? ''
    test({ slow: 'sessions of silence', proc: 'sessions with procedures' }[kind] ?? 'sessions', async t => {
      const server = await Server.start({ plugins })
      t.after(() => server.stop())
      for (const file of files.filter(name => kindOf(name) === kind)) {
        await t.test(file, async () => {
          const records = readFileSync(join(folder, file), 'utf8').trim().split('\n').map(line => JSON.parse(line))
          const replay = new Replay({
            port: server.port, secret, name: file, scale: kind === 'slow' ? 0.05 : 0, procedures: kind === 'proc'
          })
          await replay.play(records)
          assert.equal((await fetch(`http://127.0.0.1:${server.port}/healthz`)).status, 200)
        })
      }
    })
  }
}
