// What all servers are asked for: options of the load generator, and how it is told.
//
// kind: which table it stands in. x: where it stands in the chart of its kind, and `line` in which
// of several lines. ladder: who does not deliver half of a rung is not asked for the next ones.
// beside: who is asked here and not everywhere; `floor` is what a floor is asked for where that is
// something else.

const alone = 'floor'
const together = 'floor, 5 ms together'
const forgetful = 'y-websocket, no disk'
const count = n => n.toLocaleString('en')

// A frame for each edit and reader takes 3 µs of this kernel: past some 3,000 edits/s to 99 readers
// nobody can do it.
const rate = edits => ({
  name: `a room of 100, ${count(edits)} edits/s`,
  kind: 'edits',
  x: edits,
  ladder: 'rate',
  beside: edits > 3000 ? [together] : [alone, together],
  options: { rooms: 1, clients: 100, writers: 10, 'edits-per-second': edits / 10 }
})

const paused = edits => ({
  name: `a room of 100 in which 10 do not read for 5 s, ${count(edits)} edits/s`,
  kind: 'edits',
  ladder: 'paused',
  options: { ...rate(edits).options, paused: 10, 'pause-s': 5 }
})

// The floor has edits of the same size.
const presence = people => ({
  name: `${people} of 100 show themselves 20 times a second`,
  kind: 'presence',
  ladder: 'presence',
  beside: [alone, together],
  floor: { rooms: 1, clients: 100, writers: people, 'edits-per-second': 20, 'edit-bytes': 60 },
  options: { rooms: 1, clients: 100, writers: 0, 'presence-writers': people, 'presence-per-second': 20 }
})

const sizes = { 1e3: '1 kB', 1e6: '1 MB', 1e7: '10 MB' }
const document = bytes => ({
  name: `edits of one letter into ${sizes[bytes]}`,
  kind: 'document',
  x: bytes,
  beside: [alone],
  floor: { rooms: 1, clients: 2, writers: 1, 'edits-per-second': 200 },
  options: { rooms: 1, clients: 2, writers: 1, 'edits-per-second': 200, 'document-bytes': bytes }
})

// In one room without awareness: else all tell all that they are there, which is not being idle.
const idleInOneRoom = clients => ({
  name: `${count(clients)} idle connections in one room`,
  kind: 'idle',
  x: clients,
  line: 'in one room',
  options: { rooms: 1, clients, writers: 0, awareness: false }
})
const idleAlone = clients => ({
  name: `${count(clients)} idle connections, a room for each`,
  kind: 'idle',
  x: clients,
  line: 'a room for each',
  options: { rooms: clients, clients: 1, writers: 0 }
})

// after_s: who brought the documents has been gone for so long, and who lets go of documents has.
const storm = (name, ladder, rooms, clients, bytes, after_s) => ({
  name: `a storm of ${name}`,
  kind: 'storm',
  ladder,
  options: { storm: true, rooms, clients, writers: 0, 'document-bytes': bytes, 'storm-after-s': after_s }
})

export const scenarios = [
  ...[20, 500, 1000, 12_000, 20_000, 50_000, 200_000].map(rate),
  {
    name: '200 rooms of 5, 2,000 edits/s',
    kind: 'edits',
    beside: [alone, forgetful],
    options: { rooms: 200, clients: 5, writers: 2, 'edits-per-second': 5 }
  },
  {
    name: 'a room of 1,000, 200 edits/s',
    kind: 'edits',
    beside: [alone, together],
    options: { rooms: 1, clients: 1000, writers: 10, 'edits-per-second': 20 }
  },
  ...[500, 12_000].map(paused),
  ...[20, 100].map(presence),
  ...Object.keys(sizes).map(Number).map(document),
  ...[2000, 5000, 9000].map(idleInOneRoom),
  ...[2000, 5000, 9000].map(idleAlone),
  storm('15 to a document of 20 MB', 'storm 20 MB', 1, 15, 20e6, 0),
  storm('150 to a document of 20 MB', 'storm 20 MB', 1, 150, 20e6, 0),
  storm('500 to 5 rooms of 300 kB', 'storm 300 kB', 5, 100, 300e3, 5),
  storm('5,000 to 50 rooms of 300 kB', 'storm 300 kB', 50, 100, 300e3, 5)
]
