// What all servers are asked for: options of the load generator.
const room = edits => ({ rooms: 1, clients: 100, writers: 10, 'edits-per-second': edits / 10 })

export const scenarios = [
  { name: 'a room of 100, 20 edits/s', options: room(20) },
  { name: 'a room of 100, 500 edits/s', options: room(500) },
  { name: 'a room of 100, 12,000 edits/s', options: room(12_000) },
  { name: '200 rooms of 5, 2,000 edits/s', options: { rooms: 200, clients: 5, writers: 2, 'edits-per-second': 5 } }
]
