// Who comes by on a bare socket: opens a room once and leaves, is reset, or closes its half only.
// By lot; nobody of them is served well, and the server forgets each.
import { connect } from 'node:net'

const kMaxAtOnce = 400
// Of who came to be served: past it a visit has failed, which is no fault while nothing is served.
const kVisitMs = 20_000

const varint = number => {
  const out = []
  for (let rest = number; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...out, rest]
    out.push(rest % 128 + 128)
  }
}

// A client's binary frame of less than 126 bytes, masked with zeros.
const frame = bytes => Buffer.from([0x82, 0x80 | bytes.length, 0, 0, 0, 0, ...bytes])
const asksForAll = frame([0, 0, 1, 0])
const goodbye = Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8])
const hello = [...Buffer.from('hello')]
// One item of text in the root "text", by a client of that id.
const writes = client => {
  const update = [1, 1, ...varint(client), 0, 4, 1, 4, ...Buffer.from('text'), hello.length, ...hello, 0]
  return frame([0, 2, update.length, ...update])
}

const head = path => [
  `GET ${path} HTTP/1.1`, 'Host: localhost', 'Connection: Upgrade', 'Upgrade: websocket',
  'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==', '', ''
].join('\r\n')

// How far one comes: what is written, with `answer` between what waits for the server.
const answer = Symbol('answer')
const stories = ({ path, client }) => [
  [],
  [head(path).slice(0, 40)],
  [head(path)],
  [head(path), answer],
  [head(path), answer, asksForAll.subarray(0, 3)],
  [head(path), answer, asksForAll, writes(client), answer],
  [head(path), answer, writes(client)]
]
const endings = {
  reset: socket => socket.resetAndDestroy(),
  half: socket => socket.end(),
  gone: socket => socket.destroy()
}
// Until its ending it is one that waits.
const waiting = 'waiting'

export class Strangers {
  came = 0
  visits = 0
  #alive = new Map() // socket -> how it has ended
  #port
  #round
  #random
  #timer = null

  // `round`: each has rooms of its own.
  constructor (port, round, random) {
    this.#port = port
    this.#round = round
    this.#random = random
  }

  start (perSecond) {
    this.#timer = setInterval(() => { if (this.#alive.size < kMaxAtOnce) this.#one() }, 1000 / perSecond)
  }

  stop () { clearInterval(this.#timer) }

  // Those who closed their half, and whom the server has not closed.
  get halfClosed () { return [...this.#alive.values()].filter(ending => ending === 'half').length }

  end () {
    this.stop()
    for (const socket of this.#alive.keys()) socket.destroy()
  }

  #one () {
    const number = ++this.came
    const client = 1 + this.#random.below(2 ** 31)
    if (this.#random.chance(0.3)) return this.#visit(`/yjs/once-${this.#round}-${number}`, client)
    const path = this.#random.pick(['/yjs/hall', '/pluv/hall', '/yjs/none', '/nowhere'])
    const story = this.#random.pick(stories({ path, client }))
    const ending = this.#random.pick(Object.keys(endings))
    this.#tell(story, ending, endings[ending])
  }

  #visit (path, client) {
    this.#tell([head(path), answer, asksForAll, answer, writes(client), answer, goodbye], 'visit', socket => {
      ++this.visits
      socket.end()
    })
  }

  #tell (story, ending, finish) {
    const socket = connect({ port: this.#port, host: '127.0.0.1', allowHalfOpen: true })
    this.#alive.set(socket, waiting)
    const late = setTimeout(() => { if (this.#alive.get(socket) !== 'half') socket.destroy() }, kVisitMs)
    const rest = [...story]
    const goOn = () => {
      while (rest.length > 0) {
        const next = rest.shift()
        if (next === answer) return
        socket.write(next)
      }
      socket.off('data', goOn).resume()
      // What was written is on its way first.
      setImmediate(() => {
        if (this.#alive.has(socket)) this.#alive.set(socket, ending)
        finish(socket)
      })
    }
    socket.on('error', () => {})
    socket.on('data', goOn)
    // The server has closed: a stranger who closed its half is done, others have nothing to wait for.
    socket.once('end', () => socket.destroy())
    socket.once('close', () => {
      clearTimeout(late)
      this.#alive.delete(socket)
    })
    socket.once('connect', goOn)
  }
}
