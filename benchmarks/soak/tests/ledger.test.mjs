// The ledger forgets nothing that was acknowledged.
import assert from 'node:assert/strict'
import test from 'node:test'
import { Ledger } from '../ledger.mjs'

test('what is there is not lost, and what nobody was promised is not missed', () => {
  const ledger = new Ledger()
  ledger.note('left', ['1.0:0', '1.0:1'])
  assert.deepEqual(ledger.lostOf('left', ['1.0:1', '1.0:0', '1.0:2']), [])
  assert.deepEqual(ledger.lostOf('right', []), [])
})

test('an acknowledged edit that is not there is lost, whenever it was noted', () => {
  const ledger = new Ledger()
  ledger.note('left', ['1.0:0', '1.0:1'])
  ledger.note('left', ['1.0:1', '1.1:0'])
  assert.equal(ledger.size, 3)
  assert.deepEqual(ledger.rooms, ['left'])
  assert.deepEqual(ledger.lostOf('left', ['1.0:1']), ['1.0:0', '1.1:0'])
  assert.deepEqual(ledger.lostOf('left', []), ['1.0:0', '1.0:1', '1.1:0'])
})
