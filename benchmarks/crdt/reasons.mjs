// Why another engine is better in a row, and what would change that.
const REASONS = [
  [{ metric: 'load', by: ['loro'] }, 'A snapshot of Loro has the text beside the history, and reading it is all that was done: what an edit needs is decoded at the first edit, which the table after this one includes. An update of the Yjs format has to be integrated to be read. A state of our own, an image of the items to be mapped, would change it; no client could read that.'],
  [{ metric: 'ready', by: ['loro'] }, 'Of two who wrote by turns each item hangs on the other\'s, and loading goes back and forth between what either wrote: 400 ns for an item, where one author\'s take 150. To integrate both side by side, instead of one until it has to wait, would change it.'],
  [{ metric: 'memory', by: ['loro'] }, 'Loro keeps its document in compressed blocks until somebody edits it; the table after this one has the same after an edit. Every item here is 40 bytes, ready to be edited. To keep the items of a loaded document encoded until somebody edits near them would change it.'],
  [{ metric: 'use', shapes: ['keys'] }, 'Each value that was overwritten stays an item of its own here, without its content, because updates refer to it; Loro has them in compressed blocks. To keep runs of such items as one would change it.'],
  [{ metric: ['memory', 'use'], shapes: ['b3'] }, 'A client costs about 310 bytes here whatever it wrote: logs, an index and a cache of its own. To give clients of one item none of these would change it.'],
  [{ metric: ['memory', 'use'] }, 'A small document has room to spare here: its first chunk of items grows four times at once, up to 1,024 of 40 bytes, and what decoding an update of up to 1,024 structs needs stays with it for the next one. To grow by less, and to share the decoder\'s memory among documents, would change it.'],
  [{ metric: ['state', 'smallest'], by: ['automerge', 'loro'] }, 'The size is the format\'s, byte for byte what Yjs writes. Automerge compresses its columns with DEFLATE and Loro its blocks with LZ4; a Yjs update has neither. Compressing states in the store would change what is kept, not what is sent.'],
  [{ metric: ['update', 'state', 'smallest'] }, 'The size is the format\'s, byte for byte what Yjs writes.']
]

const among = (allowed, value, fits = (one, other) => one === other) => allowed === undefined || [allowed].flat().some(one => fits(one, value))

export const reasonOf = row => REASONS.find(([{ metric, shapes, by }]) => row.family === 'edits' && among(metric, row.metric) && among(by, row.by) &&
  among(shapes, row.shape, (one, shape) => shape.startsWith(one)))?.[1] ?? 'No reason is known yet.'
