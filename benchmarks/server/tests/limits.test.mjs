import assert from 'node:assert/strict'
import test from 'node:test'
import { lifted, told } from '../limits.mjs'
import { scenarios } from '../scenarios.mjs'

const optionsOf = name => scenarios.find(scenario => scenario.name === name).options

test('what is within the defaults lifts nothing', () => {
  assert.deepEqual(lifted(optionsOf('a room of 100, 500 edits/s')), [])
  assert.equal(told([]), '')
})

test('a rate lifts the limits that it is over, of those that the server has', () => {
  const lifts = lifted(optionsOf('a room of 100, 200,000 edits/s'))
  assert.deepEqual(lifts.find(({ key }) => key === 'messages_per_second'), { section: 'limits', key: 'messages_per_second', value: 30_000 })
  assert.equal(lifts.find(({ key }) => key === 'room_messages_per_second').value, 300_000)
  assert.deepEqual(lifted(optionsOf('a room of 100, 200,000 edits/s'), (_, key) => key === 'messages_per_second').map(({ key }) => key), ['messages_per_second'])
})

test('a long document and many who join lift theirs', () => {
  assert.deepEqual(lifted(optionsOf('a storm of 150 to a document of 20 MB')), [{ section: 'platform-ws', key: 'message_bytes', value: 30e6 }])
  assert.ok(lifted(optionsOf('9,000 idle connections in one room')).some(({ key, value }) => key === 'room_joins_per_second' && value === 1350))
})

test('the table says what was lifted', () => {
  assert.equal(told([{ key: 'shards', value: 1 }, { key: 'messages_per_second', value: 30_000 }, { key: 'message_bytes', value: 30e6 }]),
    'shards = 1, messages_per_second = 30,000, message_bytes = 29 MiB')
})
