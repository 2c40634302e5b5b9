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
