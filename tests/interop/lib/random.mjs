// A seeded source of random numbers (mulberry32), so that a run can be repeated.

export class Random {
  constructor (seed) { this.state = seed >>> 0 }

  // In [0, 1).
  next () {
    this.state = (this.state + 0x6d2b79f5) >>> 0
    let mixed = this.state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  // A whole number in [0, bound).
  below (bound) { return Math.floor(this.next() * bound) }

  pick (list) { return list[this.below(list.length)] }

  chance (probability) { return this.next() < probability }

  // A seed for somebody else's Random.
  fork () { return this.below(2 ** 32) }
}

// FRESHET_SEED repeats a run; without it every run is a new one. The seed is printed either way.
export function seedOfThisRun (t) {
  const seed = Number(process.env.FRESHET_SEED ?? Math.floor(Math.random() * 2 ** 32))
  t.diagnostic(`FRESHET_SEED=${seed}`)
  return seed
}
