// Which scenarios and servers are chosen, and who has given up on which ladder.
import { GIVEN_UP, summary } from './figures.mjs'

export const chosen = (all, words, nameOf) => {
  const wanted = words.split(';').map(word => word.trim().toLowerCase()).filter(Boolean)
  const found = wanted.length === 0 ? all : all.filter(one => wanted.some(word => nameOf(one).toLowerCase().includes(word)))
  if (found.length === 0) throw new Error(`nothing is called ${words}: ${all.map(nameOf).join('; ')}`)
  return found
}

// Remembers who delivered less than half of what it was asked for.
export class Ladders {
  #over = new Map()

  took (scenario, server, reports) {
    if (scenario.ladder === undefined || reports.length === 0) return
    const { complete, delivered } = summary(reports)
    if (!complete && (delivered ?? 0) < GIVEN_UP) this.#over.set(`${scenario.ladder} ${server}`, `not asked, after ${Math.floor(100 * (delivered ?? 0))} % of "${scenario.name}"`)
  }

  // Why it is not asked; undefined: it is.
  givenUp (scenario, server) {
    return this.#over.get(`${scenario.ladder} ${server}`)
  }
}
