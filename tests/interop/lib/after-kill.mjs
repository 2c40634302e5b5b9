// What must hold once a server that was killed is back.
import assert from 'node:assert/strict'
import { untilConverged } from './client.mjs'

// What a newcomer reads holds every edit whose echo its writer had seen; then the writers come
// back and bring the rest. `logs`: of each writer, in this `round`. Returns how many edits were
// acknowledged.
export async function nothingAcknowledgedIsLost (world, writers, logs, round) {
  let counted = 0
  for (const room of new Set(writers.map(writer => writer.room))) {
    const reader = await world.joinSynced(room)
    const there = new Set((await reader.do('log', `${round}.`)).all)
    const safe = logs.filter((_, index) => writers[index].room === room).flatMap(log => log.safe)
    const lost = safe.filter(value => !there.has(value))
    assert.deepEqual(lost, [], `lost in room ${room}, round ${round}`)
    counted += safe.length

    const here = writers.filter(writer => writer.room === room)
    await Promise.all(here.map(writer => writer.do('online')))
    await untilConverged([reader, ...here])
    await Promise.all(here.map(writer => writer.untilAcknowledged()))
    await world.leave(reader)
  }
  return counted
}

// Ends what the writers write, and tells what of it was acknowledged.
export async function endedLogs (writers, round) {
  return await Promise.all(writers.map(async writer => {
    await writer.do('offline')
    await writer.do('stopLog')
    return writer.do('log', `${round}.`)
  }))
}
