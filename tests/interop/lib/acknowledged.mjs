// Which of a client's own clocks have come back from the server, as sorted ranges [from, to).
export class Acknowledged {
  ranges = []

  add (structs, client) {
    for (const { id, length } of structs) {
      if (id.client === client) this.#add(id.clock, id.clock + length)
    }
  }

  #add (from, to) {
    const apart = this.ranges.filter(([low, high]) => high < from || low > to)
    const touching = this.ranges.filter(([low, high]) => high >= from && low <= to)
    const merged = [
      Math.min(from, ...touching.map(([low]) => low)), Math.max(to, ...touching.map(([, high]) => high))
    ]
    this.ranges = [...apart, merged].sort(([a], [b]) => a - b)
  }

  // Past the last of them.
  get end () { return Math.max(0, ...this.ranges.map(([, high]) => high)) }

  has (clock) { return this.ranges.some(([low, high]) => low <= clock && clock < high) }

  // How many clocks of [from, to) have not come back.
  missingBetween (from, to) {
    const covered = this.ranges.reduce(
      (sum, [low, high]) => sum + Math.max(0, Math.min(high, to) - Math.max(low, from)), 0)
    return Math.max(0, to - from) - covered
  }
}
