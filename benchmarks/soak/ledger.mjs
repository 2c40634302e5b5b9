// What was acknowledged: values by room, which must be there whatever happens.
export class Ledger {
  #rooms = new Map()

  note (room, values) {
    const known = this.#rooms.get(room) ?? new Set()
    for (const value of values) known.add(value)
    this.#rooms.set(room, known)
  }

  get rooms () { return [...this.#rooms.keys()] }
  get size () { return [...this.#rooms.values()].reduce((sum, values) => sum + values.size, 0) }

  // `there`: what a newcomer reads in the room.
  lostOf (room, there) {
    const seen = new Set(there)
    return [...this.#rooms.get(room) ?? []].filter(value => !seen.has(value))
  }
}
