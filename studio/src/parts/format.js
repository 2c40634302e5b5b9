// Figures, times and names as people read them.
const kSteps = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
const grouped = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })

export const count = n => n === undefined || n === null ? '–' : grouped.format(n)

export function bytes (n) {
  if (n === undefined || n === null) return '–'
  let step = 0
  while (n >= 1024 && step < kSteps.length - 1) {
    n /= 1024
    ++step
  }
  return `${step === 0 || n >= 100 ? Math.round(n) : n.toFixed(1)} ${kSteps[step]}`
}

export function rate (n) {
  if (n === undefined || n === null) return '–'
  return n >= 100 ? grouped.format(n) : n.toFixed(n >= 10 || n === 0 ? 0 : 1)
}

// Of microseconds.
export function micros (us) {
  if (us === undefined || us === null) return '–'
  if (us < 1000) return `${Math.round(us)} µs`
  if (us < 1e6) return `${(us / 1000).toFixed(us < 1e4 ? 1 : 0)} ms`
  return `${(us / 1e6).toFixed(1)} s`
}

// How long, of milliseconds.
export function span (ms) {
  if (ms === undefined || ms === null) return '–'
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min`
  if (ms < 86_400_000) return `${Math.floor(ms / 3_600_000)} h ${Math.floor(ms / 60_000) % 60} min`
  return `${Math.floor(ms / 86_400_000)} d ${Math.floor(ms / 3_600_000) % 24} h`
}

const two = n => String(n).padStart(2, '0')
const three = n => String(n).padStart(3, '0')

export function clock (ms, fine = false) {
  if (!ms) return '–'
  const at = new Date(ms)
  const text = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
  return fine ? `${text}.${three(at.getMilliseconds())}` : text
}

export function when (ms) {
  if (!ms) return '–'
  const at = new Date(ms)
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  return new Date().toDateString() === at.toDateString() ? clock(ms) : `${day} ${clock(ms)}`
}

// Who somebody is: a user is whatever the auth plugin says, usually an object with an id.
export function userName (user) {
  if (user === null || user === undefined || user === '') return 'anonymous'
  if (typeof user !== 'object') return String(user)
  const { name, displayName, id } = user
  const shown = [name, displayName, id].find(text => typeof text === 'string' || typeof text === 'number')
  return shown === undefined ? JSON.stringify(user) : String(shown)
}

const kShown = 200
export function brief (value, most = kShown) {
  const text = typeof value === 'string' ? value : JSON.stringify(value) ?? ''
  return text.length > most ? `${text.slice(0, most)}…` : text
}
