// Where one is: `#/rooms`, `#/room/NAME`, `#/room/NAME/document`, …
import { signal } from '@preact/signals'

// A text that is no such encoding stands for itself.
export function decoded (text) {
  try { return decodeURIComponent(text) } catch { return text }
}

function read () {
  const [page = '', ...rest] = location.hash.replace(/^#\/?/, '').split('/')
  const [name = '', part = ''] = rest.map(decoded)
  return { page: page || 'rooms', name, part }
}

export const place = signal({ page: 'rooms', name: '', part: '' })
export const hrefOf = (page, ...parts) => `#/${[page, ...parts.map(encodeURIComponent)].join('/')}`
export const go = (...to) => { location.hash = hrefOf(...to) }

export function followAddress () {
  place.value = read()
  addEventListener('hashchange', () => { place.value = read() })
}
