// What is done by chance, from a seed: the same on every machine.

// mulberry32: small, and good enough to choose where somebody types.
export const dice = seed => () => {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296
}

const LETTERS = 'etaoin shrdlu cmfwyp vbgkqjxz'
export const upTo = (roll, n) => Math.floor(roll() * n)
export const letter = roll => LETTERS[upTo(roll, LETTERS.length)]
export const word = roll => Array.from({ length: 2 + upTo(roll, 7) }, () => letter(roll)).join('') + ' '

// Client ids as Yjs 13 makes them, and as Yjs 14 does.
export const id32 = roll => 1 + upTo(roll, 0xfffffffe)
export const id53 = roll => (1 + upTo(roll, 2 ** 21 - 1)) * 2 ** 32 + upTo(roll, 2 ** 32)
