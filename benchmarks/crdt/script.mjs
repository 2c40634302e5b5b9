// A script: what authors do to a document, in no engine's words. Each step is done by the author
// named last, in a transaction of its own; `meet` is when all hear of what the others did.
//
// Texts count UTF-16 units. Who has heard of others may have a shorter text than the script
// thinks, as engines order concurrent text in their own ways: places beyond the end mean the end.
//
// In a file a script is a trace (trace.mjs). A record of it: what to do as one byte, a u32, the rest.
import { readTrace, writeTrace } from './trace.mjs'

export const author = (number, id) => ({ do: 'author', number, id })
export const insert = (at, text) => ({ do: 'insert', at, text })
export const remove = (at, count) => ({ do: 'remove', at, count })
export const listNumber = (at, value) => ({ do: 'listNumber', at, value })
export const listString = (at, text) => ({ do: 'listString', at, text })
export const setNumber = (key, value) => ({ do: 'setNumber', key, value })
export const setString = (key, text) => ({ do: 'setString', key, text })
export const meet = () => ({ do: 'meet' })

export const isEdit = step => step.do !== 'author' && step.do !== 'meet'

const u32 = value => Buffer.from(Uint32Array.of(value).buffer)
const u64 = value => Buffer.from(BigUint64Array.of(BigInt(value)).buffer)
const told = (letter, number, rest = '') => Buffer.concat([Buffer.from(letter), u32(number), Buffer.from(rest)])

const toBytes = {
  author: ({ number, id }) => told('a', number, u64(id)),
  insert: ({ at, text }) => told('i', at, text),
  remove: ({ at, count }) => told('d', at, u32(count)),
  listNumber: ({ at, value }) => told('n', at, u32(value)),
  listString: ({ at, text }) => told('l', at, text),
  setNumber: ({ key, value }) => told('k', value, key),
  setString: ({ key, text }) => told('m', Buffer.byteLength(key), key + text),
  meet: () => told('s', 0)
}

const fromBytes = {
  a: (number, rest) => author(number, Number(rest.readBigUInt64LE(0))),
  i: (at, rest) => insert(at, rest.toString()),
  d: (at, rest) => remove(at, rest.readUInt32LE(0)),
  n: (at, rest) => listNumber(at, rest.readUInt32LE(0)),
  l: (at, rest) => listString(at, rest.toString()),
  k: (value, rest) => setNumber(rest.toString(), value),
  m: (length, rest) => setString(rest.toString('utf8', 0, length), rest.toString('utf8', length)),
  s: () => meet()
}

export const writeScript = (file, steps) => writeTrace(file, steps.map(step => toBytes[step.do](step)))

export const readScript = file => readTrace(file).map(bytes => {
  const buffer = Buffer.from(bytes)
  const read = fromBytes[String.fromCharCode(buffer[0])]
  if (!read) throw new Error(`${file} is no script`)
  return read(buffer.readUInt32LE(1), buffer.subarray(5))
})
