// What a Hocuspocus provider says is synced is there after a kill -9 at any moment.
//
// FRESHET_KILLS says how many moments (20); FRESHET_SEED repeats them.
import assert from 'node:assert/strict'
import test from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { untilConverged } from './lib/client.mjs'
import { HocuspocusWorld as World, versions } from './lib/hocuspocus.mjs'
import { Random, seedOfThisRun } from './lib/random.mjs'

const kills = Number(process.env.FRESHET_KILLS ?? 20)
const names = ['left', 'right']

test(`nothing a provider showed as synced is lost when the server is killed ${kills} times`, async t => {
  const random = new Random(seedOfThisRun(t))
  const world = await World.start(t)
  const sockets = await Promise.all(versions.map(version => world.socket(version)))
  const writers = (await Promise.all(sockets.map(async (socket, number) => Promise.all(
    names.map(async name => Object.assign(await socket.synced(name), { number })))))).flat()
  let counted = 0
  for (let round = 0; round < kills; ++round) {
    await Promise.all(writers.map(writer =>
      writer.do('startLog', `${round}.${writer.number}`, 1 + random.below(5))))

    // The moment itself is what is being drawn, so this is no wait for something to happen.
    await pause(30 + random.below(400))
    await world.server.kill('SIGKILL')
    await Promise.all(writers.map(writer => writer.do('stopLog')))
    await Promise.all(sockets.map(socket => socket.do('offline')))
    const logs = await Promise.all(writers.map(writer => writer.do('log', `${round}.`)))

    await world.server.launch()
    const reader = await world.socket()
    for (const name of names) {
      const there = new Set((await (await reader.synced(name)).do('log', `${round}.`)).all)
      const safe = logs.filter((_, index) => writers[index].name === name).flatMap(log => log.safe)
      assert.deepEqual(safe.filter(value => !there.has(value)), [], `lost in ${name}, round ${round}`)
      counted += safe.length
    }
    await world.leave(reader)
    await Promise.all(sockets.map(socket => socket.do('online')))
    await Promise.all(writers.map(writer => writer.untilSaved()))
    for (const name of names) await untilConverged(writers.filter(writer => writer.name === name))
  }
  t.diagnostic(`${counted} edits were shown as synced, all of them there`)
  assert.ok(counted > kills, 'hardly anything was synced: this run proves nothing')
})
