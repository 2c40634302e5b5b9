// Where one is: `#/rooms`, `#/room/NAME`, `#/room/NAME/document`, …
import { signal } from '@preact/signals'

function read () {
  const [page = '', ...rest] = location.hash.replace(/^#\/?/, '').split('/')
  const decoded = rest.map(part => { try { return decodeURIComponent(part) } catch { return part } })
  return { page: page || 'rooms', name: decoded[0] ?? '', part: decoded[1] ?? '' }
}

export const place = signal({ page: 'rooms', name: '', part: '' })
export const hrefOf = (page, ...parts) => `#/${[page, ...parts.map(encodeURIComponent)].join('/')}`
export const go = (...to) => { location.hash = hrefOf(...to) }

export function followAddress () {
  place.value = read()
  addEventListener('hashchange', () => { place.value = read() })
}
