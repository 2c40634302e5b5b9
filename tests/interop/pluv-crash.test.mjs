// kill -9 while pluv clients write: what was noted as saved is there afterwards, once, and what was
// not comes back with the clients.
import assert from 'node:assert/strict'
import test from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { PluvWriter } from './lib/pluv-writer.mjs'
import { Random, seedOfThisRun } from './lib/random.mjs'
import { Server } from './lib/server.mjs'
import { until } from './lib/wait.mjs'

const kRounds = 5
const kPeople = 3

const log = writer => writer.doc.getArray('log').toArray()

function each (marks, all, what) {
  for (const mark of marks) assert.equal(all.filter(each => each === mark).length, 1, `${mark} ${what}`)
}

test('nothing that was noted as saved is lost or doubled', async t => {
  const random = new Random(seedOfThisRun(t))
  const server = await Server.start({ plugins: { 'protocol-pluv': { retry_delay_ms: 0 } } })
  t.after(() => server.stop())
  const writer = name => new PluvWriter({ name, room: 'hall', seed: random.fork() })
  const people = Array.from({ length: kPeople }, (_, i) => writer('abc'[i]))
  for (let round = 0; round < kRounds; ++round) {
    await Promise.all(people.map(one => one.enter(server.port)))
    const writing = setInterval(() => people.forEach(one => one.write()), 3)
    await pause(150 + 130 * round)
    await server.kill()
    clearInterval(writing)
    await Promise.all(people.map(one => one.peer.closed))
    await server.launch()
    const reader = writer('reader')
    await reader.enter(server.port)
    for (const { books } of people) {
      const { saved, erased } = books.shown()
      each(saved, log(reader), 'was noted, then the server was killed')
      assert.deepEqual(log(reader).filter(mark => erased.includes(mark)), [], 'were noted as deleted')
    }
    await reader.leave()
  }
  await Promise.all(people.map(one => one.enter(server.port)))
  const marks = people.flatMap(({ books }) => books.author.standing.map(({ mark }) => mark))
  await until('all have all', () => people.every(one => log(one).length === marks.length))
  each(marks, log(people[0]), 'came back with its client')
  for (const { peer } of people) assert.deepEqual(peer.faults, [])
  const noted = people.reduce((sum, { books }) => sum + books.saved.size, 0)
  t.diagnostic(`${kRounds} kills, ${noted} marks noted as saved`)
  assert.ok(noted > 30, `only ${noted} notes`)
})
