// A port of the loopback for a server that a test starts in a moment: drawn as free_port.py does, which says why.
import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

const FIRST = 12_000
const LAST = 31_999
const TRIES = 100

const isFree = port => new Promise(resolve => {
  const probe = createServer()
  probe.once('error', () => resolve(false))
  probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
})

export async function freePort () {
  for (let i = 0; i < TRIES; ++i) {
    const port = randomInt(FIRST, LAST + 1)
    if (await isFree(port)) return port
  }
  throw new Error(`none of ${TRIES} ports from ${FIRST} to ${LAST} is free`)
}
