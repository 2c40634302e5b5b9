// Engines with wider client ids than Yjs get them from the script's, as full as their own are: a
// number with many zeroes would take less room than what their users have.
const MASK = (1n << 64n) - 1n

// splitmix64
const mixed = seed => {
  let z = (seed + 0x9e3779b97f4a7c15n) & MASK
  z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK
  z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & MASK
  return z ^ (z >> 31n)
}

export const id64 = id => mixed(BigInt(id))
export const hex128 = id => [mixed(BigInt(id)), mixed(~BigInt(id) & MASK)].map(half => half.toString(16).padStart(16, '0')).join('')
