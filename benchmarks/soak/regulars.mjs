// Real clients who write all the time and are disturbed: cut, reset, stopped, away. What comes back
// to them is acknowledged, and goes into the ledger.
import { setTimeout as pause } from 'node:timers/promises'
import { Client } from '../../tests/interop/lib/client.mjs'

const kRoomNames = ['left', 'right']
const kOfARoom = 2
const kWriteMs = [50, 250]
// Between two disturbances of one of them.
const kCalmMs = [400, 2500]
const kAwayMs = 1500
const kStoppedMs = 4000
// Once nothing disturbs them: everything they wrote comes back within this.
const kAcknowledgedMs = 60_000

const between = (random, [low, high]) => low + random.below(high - low)

const disturbances = {
  reset: client => client.do('reset'),
  cut: client => client.do('cut'),
  away: async client => {
    await client.do('offline')
    await pause(kAwayMs)
    await client.do('online')
  },
  stopped: async client => {
    client.freeze()
    await pause(kStoppedMs)
    client.thaw()
  }
}

export class Regulars {
  disturbed = 0
  #clients = []
  #going = false
  #disturbing = Promise.resolve()

  // `round`: they have rooms of their own in each.
  constructor (server, ledger, round, random) {
    Object.assign(this, { server, ledger, round, random })
  }

  async start () {
    const names = kRoomNames.flatMap(name => Array(kOfARoom).fill(`regulars-${this.round}-${name}`))
    this.#clients = names.map(room => Object.assign(new Client(), { room }))
    await Promise.all(this.#clients.map(async (client, number) => {
      await client.do('open', { url: this.server.url, room: client.room })
      await client.untilSynced({ withinMs: kAcknowledgedMs })
      await client.do('startLog', `${this.round}.${number}`, between(this.random, kWriteMs))
    }))
  }

  disturb () {
    this.#going = true
    this.#disturbing = this.#disturbAll()
    this.#disturbing.catch(() => {}) // until calm() asks
  }

  async #disturbAll () {
    while (this.#going) {
      await pause(between(this.random, kCalmMs))
      const name = this.random.pick(Object.keys(disturbances))
      if (this.#going) await disturbances[name](this.random.pick(this.#clients))
      ++this.disturbed
    }
  }

  async calm () {
    this.#going = false
    await this.#disturbing
  }

  // Writes no more; answers what was never acknowledged.
  async finish () {
    await this.calm()
    const unacknowledged = []
    await Promise.all(this.#clients.map(async client => {
      await client.do('stopLog')
      await client.do('online')
      await client.untilAcknowledged({ withinMs: kAcknowledgedMs }).catch(error => {
        unacknowledged.push(`a client of room ${client.room}: ${error.message}`)
      })
    }))
    await this.#note()
    await this.end()
    return unacknowledged
  }

  // The server is gone: what had come back until then.
  async bereaved () {
    await Promise.all(this.#clients.map(async client => {
      await client.do('offline')
      await client.do('stopLog')
    }))
    await this.#note()
    await this.end()
  }

  async #note () {
    for (const client of this.#clients) {
      const { safe } = await client.do('log', `${this.round}.`)
      this.ledger.note(client.room, safe)
    }
  }

  async end () {
    this.#going = false
    await Promise.all(this.#clients.splice(0).map(client => client.kill()))
  }
}

// What a newcomer reads in each room of the ledger, one after the other. Answers what is missing.
export async function missingOf (server, ledger, say) {
  const missing = []
  for (const room of ledger.rooms) {
    const reader = new Client()
    try {
      await reader.do('open', { url: server.url, room })
      await reader.untilSynced({ withinMs: kAcknowledgedMs })
      missing.push(...ledger.lostOf(room, (await reader.do('log', '')).all).map(value => `${room}: ${value}`))
    } finally {
      await reader.kill()
    }
    say?.(room)
  }
  return missing
}
