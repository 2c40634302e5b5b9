// Traces: "YUPD", u32 count, count times (u32 length, bytes), little endian.
import fs from 'node:fs'

export const readTrace = file => {
  const bytes = fs.readFileSync(file)
  if (bytes.toString('latin1', 0, 4) !== 'YUPD') throw new Error(`${file} is no trace`)
  const updates = []
  let at = 8
  for (let left = bytes.readUInt32LE(4); left > 0; left--) {
    const length = bytes.readUInt32LE(at)
    // A copy each: what a socket would hand over, not a view of one large buffer.
    updates.push(new Uint8Array(bytes.subarray(at + 4, at + 4 + length)))
    at += 4 + length
  }
  return updates
}

export const writeTrace = (file, updates) => {
  const u32 = n => { const b = Buffer.alloc(4); b.writeUInt32LE(n); return b }
  fs.writeFileSync(file, Buffer.concat(['YUPD', u32(updates.length)]
    .concat(updates.flatMap(update => [u32(update.length), update]))
    .map(part => Buffer.from(part))))
}

// The client whose edits a script of edits is.
export const EDITOR = 1

// A script of edits is a trace, too. Each of its records is an edit: what it is as one byte, a u32 as
// told here, and the rest.
const edit = (kind, number, rest = '') => {
  const head = Buffer.alloc(5)
  head.write(kind, 'latin1')
  head.writeUInt32LE(number, 1)
  return Buffer.concat([head, Buffer.from(rest)])
}
export const record = {
  insert: (at, text) => edit('i', at, text), // into the text, at a unit
  delete: (at, count) => edit('d', at, Buffer.from(Uint32Array.of(count).buffer)),
  number: (at, value) => edit('n', at, Buffer.from(Uint32Array.of(value).buffer)), // into the list
  key: (key, value) => edit('k', value, key), // of the map
  update: update => edit('u', 0, update) // somebody else's
}

export const readEdit = bytes => {
  const buffer = Buffer.from(bytes)
  const [kind, number, rest] = [String.fromCharCode(buffer[0]), buffer.readUInt32LE(1), buffer.subarray(5)]
  switch (kind) {
    case 'i':
    case 'k': return { kind, number, text: rest.toString() }
    case 'u': return { kind, update: new Uint8Array(rest) }
    default: return { kind, number, count: rest.readUInt32LE(0) }
  }
}
