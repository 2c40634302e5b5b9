// kill -9 at any moment loses no edit that was acknowledged.
//
// FRESHET_KILLS says how many moments (10); FRESHET_SEED repeats them.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { endedLogs, nothingAcknowledgedIsLost } from './lib/after-kill.mjs'
import { Random, seedOfThisRun } from './lib/random.mjs'
import { World } from './lib/world.mjs'

const kills = Number(process.env.FRESHET_KILLS ?? 10)
const rooms = ['left', 'right']

test(`nothing acknowledged is lost when the server is killed ${kills} times under load`, async t => {
  const random = new Random(seedOfThisRun(t))
  const world = await World.start(t)
  const writers = await Promise.all(rooms.flatMap(room => [0, 1].map(async number =>
    Object.assign(await world.joinSynced(room), { room, number }))))
  let counted = 0
  for (let round = 0; round < kills; ++round) {
    await Promise.all(writers.map(writer =>
      writer.do('startLog', `${round}.${writer.number}`, 1 + random.below(5))))

    // The moment itself is what is being drawn, so this is no wait for something to happen.
    await pause(30 + random.below(400))
    await world.server.kill('SIGKILL')
    await checkFile(world.server)

    const logs = await endedLogs(writers, round)
    await world.server.launch()
    counted += await nothingAcknowledgedIsLost(world, writers, logs, round)
  }
  t.diagnostic(`${counted} acknowledged edits, all of them there`)
  assert.ok(counted > kills, 'hardly anything was acknowledged: this run proves nothing')
})

// On a copy, because looking at a database with a log repairs it.
async function checkFile (server) {
  const copy = await mkdtemp(join(tmpdir(), 'freshet-copy-'))
  for (const name of await readdir(server.folder)) {
    if (name.startsWith('freshet.db')) await copyFile(join(server.folder, name), join(copy, name))
  }
  const script = 'import sqlite3, sys\n' +
    'print(sqlite3.connect(sys.argv[1]).execute("pragma integrity_check").fetchone()[0])'
  const verdict = execFileSync('python3', ['-c', script, join(copy, 'freshet.db')])
  assert.equal(verdict.toString().trim(), 'ok')
  await rm(copy, { recursive: true })
}
