// How the time is divided. A round is load with faults in it, then a rest without anybody; rests are
// what is compared.

export const kStallS = 10
export const kHangS = 12 // longer than limits.app_deadline_ms
// Before the first fault and after the last, so that both are seen to begin and to end.
const kMarginS = 2
// Faults may begin at this spread of times at least.
const kSpreadS = 3
const kMinLoadS = kHangS + 2 * kMarginS + kSpreadS
const kMinRounds = 3
const kShortS = 240

// Options of the load generators that run side by side.
const crowds = {
  small: [
    { name: 'yjs', options: { wire: 'yjs', rooms: 8, clients: 4, writers: 1, 'edits-per-second': 1, 'presence-writers': 1, 'churn-per-second': 2 } },
    { name: 'pluv', options: { wire: 'pluv', rooms: 4, clients: 3, writers: 1, 'edits-per-second': 1, 'churn-per-second': 1 } },
    { name: 'slow readers', options: { wire: 'yjs', rooms: 1, clients: 5, writers: 2, 'edits-per-second': 60, 'edit-bytes': 6000, paused: 2, 'pause-s': 10 } }
  ],
  large: [
    { name: 'yjs', options: { wire: 'yjs', rooms: 40, clients: 6, writers: 2, 'edits-per-second': 1, 'presence-writers': 2, 'churn-per-second': 8 } },
    { name: 'pluv', options: { wire: 'pluv', rooms: 20, clients: 4, writers: 1, 'edits-per-second': 1, 'presence-writers': 1, 'churn-per-second': 4 } },
    { name: 'slow readers', options: { wire: 'yjs', rooms: 1, clients: 8, writers: 2, 'edits-per-second': 60, 'edit-bytes': 6000, paused: 3, 'pause-s': 15 } }
  ]
}

// The slow readers' room does not grow longer in a longer round.
const kSlowReadersS = 25

// `seconds`: of all rounds and the end.
export function planOf (seconds) {
  const short = seconds < kShortS
  const endS = short ? 15 : 75
  const restS = short ? 10 : 15
  const rounds = Math.max(kMinRounds, Math.round((seconds - endS) / (short ? 32 : 110)))
  const loadS = Math.floor((seconds - endS) / rounds) - restS
  if (loadS < kMinLoadS) {
    throw new Error(`a soak takes at least ${kMinRounds * (kMinLoadS + restS) + endS} seconds`)
  }
  return {
    rounds,
    loadS,
    lastRestS: short ? 3 : 60,
    strangersPerSecond: short ? 5 : 15,
    crowds: (short ? crowds.small : crowds.large).map(({ name, options }) => ({
      name, options: { ...options, 'duration-s': name === 'slow readers' ? Math.min(loadS, kSlowReadersS) : loadS }
    }))
  }
}

// When in a round which fault begins: seconds from its start, by lot; in half of the rounds while the
// slow readers are there.
export function faultsOf (loadS, random) {
  const spanS = random.chance(0.5) ? Math.min(loadS, kSlowReadersS) : loadS
  const within = lengthS => kMarginS + random.next() * (spanS - lengthS - 2 * kMarginS)
  return [
    { kind: 'disk', atS: within(kStallS), lengthS: kStallS },
    { kind: 'app', atS: within(kHangS), lengthS: kHangS },
    { kind: 'backend', atS: within(kHangS), lengthS: kHangS }
  ].sort((a, b) => a.atS - b.atS)
}
