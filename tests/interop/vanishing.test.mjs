// The store's files go away under a running server, at any moment: what was acknowledged is not
// lost, and what would be lost is not acknowledged.
//
// FRESHET_VANISHINGS says how many times (7, one of each kind); FRESHET_SEED repeats them. Files that
// are open for writing are made read-only as a failing disk does it only by root, and only where the
// file system has such a flag; elsewhere that kind is left out.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { copyFile, rename, rm, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { endedLogs, nothingAcknowledgedIsLost } from './lib/after-kill.mjs'
import { Random, seedOfThisRun } from './lib/random.mjs'
import { until } from './lib/wait.mjs'
import { World } from './lib/world.mjs'

const times = Number(process.env.FRESHET_VANISHINGS ?? 7)
const rooms = ['left', 'right']

// Each makes something of the store's files go away, and answers how it comes back; null: never.
const vanishings = {
  'the file is moved': async data => {
    await rename(`${data}/freshet.db`, `${data}/elsewhere.db`)
    return () => rename(`${data}/elsewhere.db`, `${data}/freshet.db`)
  },
  'the log is moved': async data => {
    await rename(`${data}/freshet.db-wal`, `${data}/elsewhere-wal`)
    return () => rename(`${data}/elsewhere-wal`, `${data}/freshet.db-wal`)
  },
  'the folder is moved': async data => {
    await rename(data, `${data}-elsewhere`)
    return () => rename(`${data}-elsewhere`, data)
  },
  'a copy takes the place of the file': async data => {
    await copyFile(`${data}/freshet.db`, `${data}/copy.db`)
    await rename(`${data}/copy.db`, `${data}/freshet.db`)
    return null
  },
  'both are deleted': async data => {
    await unlink(`${data}/freshet.db`)
    await unlink(`${data}/freshet.db-wal`)
    return null
  },
  'the folder is deleted': async data => {
    await rm(data, { recursive: true })
    return null
  }
}

const files = data => [`${data}/freshet.db`, `${data}/freshet.db-wal`]
const immutable = async (flag, data) => { await promisify(execFile)('chattr', [flag, ...files(data)]) }
const readOnly = async data => {
  await immutable('+i', data)
  return () => immutable('-i', data)
}

async function canBeReadOnly (data) {
  try {
    await (await readOnly(data))()
    return true
  } catch { return false }
}

test(`nothing acknowledged is lost when the store's files go away ${times} times under load`, async t => {
  const random = new Random(seedOfThisRun(t))
  let data
  t.after(() => immutable('-i', data).catch(() => {}))  // before the world removes its folder
  const world = await World.start(t, {
    plugins: { 'store-sqlite': { path: 'data/freshet.db' } },
    limits: { retry_max_ms: 300 }
  })
  data = join(world.server.folder, 'data')
  const writers = await Promise.all(rooms.flatMap(room => [0, 1].map(async number =>
    Object.assign(await world.joinSynced(room), { room, number }))))
  if (await canBeReadOnly(data)) {
    vanishings['the files are read-only'] = readOnly
  } else {
    t.diagnostic('files cannot be made read-only here')
  }
  const kinds = Object.keys(vanishings)
  let counted = 0
  for (let round = 0; round < times; ++round) {
    const kind = kinds[round % kinds.length]
    await Promise.all(writers.map(writer =>
      writer.do('startLog', `${round}.${writer.number}`, 1 + random.below(5))))
    // The moment itself is what is being drawn, so these are no waits for something to happen.
    await pause(30 + random.below(300))
    const comeBack = await vanishings[kind](data)
    await pause(random.below(300))
    await until(`the server says that it is not ready: ${kind}`,
      async () => !(await world.server.ready()))
    const goesOn = comeBack !== null && random.below(2) === 0
    if (goesOn) {
      await comeBack()
      await until(`the server is ready again: ${kind}`, () => world.server.ready())
    }
    if (comeBack === null) await rescue(world.server)
    await world.server.kill('SIGKILL')
    const logs = await endedLogs(writers, round)
    if (comeBack !== null && !goesOn) await comeBack()
    if (comeBack === null) await restore(world.server)
    await world.server.launch()
    counted += await nothingAcknowledgedIsLost(world, writers, logs, round)
  }
  t.diagnostic(`${counted} acknowledged edits, all of them there`)
  assert.ok(counted > times, 'hardly anything was acknowledged: this run proves nothing')
})

// As docs/operations.md says for a file that is gone for good.
async function rescue (server) {
  await rm(join(server.folder, 'rescue.db'), { force: true })
  const backup = await server.cli('rooms', 'backup', 'rescue.db')
  assert.equal(backup.code, 0, backup.stderr)
}

async function restore (server) {
  const restored = await server.cli('rooms', 'restore', 'rescue.db')
  assert.equal(restored.code, 0, restored.stderr)
}
