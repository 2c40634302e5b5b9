// How the time is divided: all of it, and the same for the same seed.
import assert from 'node:assert/strict'
import test from 'node:test'
import { Random } from '../../../tests/interop/lib/random.mjs'
import { faultsOf, planOf } from '../plan.mjs'

test('half an hour is many rounds, two minutes are three', () => {
  assert.deepEqual([planOf(1800).rounds, planOf(110).rounds], [16, 3])
})

test('a plan fits its time', () => {
  for (const seconds of [120, 300, 600, 1800, 7200]) {
    const { rounds, loadS, lastRestS } = planOf(seconds)
    assert.ok(rounds * loadS + lastRestS <= seconds, `${seconds}`)
    assert.ok(rounds * (loadS + 20) + 80 >= seconds, `${seconds}`)
  }
})

test('what is too short for its faults is refused', () => {
  assert.throws(() => planOf(30), /a soak takes at least 102 seconds/)
})

test('every fault begins and ends under load, by the seed', () => {
  for (let seed = 0; seed < 200; seed++) {
    const { loadS } = planOf(110)
    const faults = faultsOf(loadS, new Random(seed))
    assert.deepEqual(faults.map(({ kind }) => kind).sort(), ['app', 'backend', 'disk'])
    for (const { atS, lengthS } of faults) assert.ok(atS >= 2 && atS + lengthS <= loadS - 2, `${seed}: ${atS}`)
    assert.deepEqual(faultsOf(loadS, new Random(seed)), faults)
  }
})
