// The key of an admin listener on TCP: out of the address (…/studio/#key=…), where it does not stay, or typed. It is
// kept for this tab alone.
import { decoded } from '../parts/place.js'

const kName = 'freshet-admin-key'

export function takeKeyFromAddress () {
  const match = /^#key=([^&]+)/.exec(location.hash)
  if (!match) return
  sessionStorage.setItem(kName, decoded(match[1]))
  history.replaceState(null, '', location.pathname + location.search + '#/')
}

export const key = () => sessionStorage.getItem(kName) ?? ''
export const setKey = text => sessionStorage.setItem(kName, text)
export const forgetKey = () => sessionStorage.removeItem(kName)

// The page is one step below what it asks, also where something in front of the server has put both deeper.
export const adminUrl = path => new URL(`..${path}`, location.href.replace(/[?#].*$/, '')).href
