// What is asked of the admin once, by plain requests.
import { adminUrl, key } from './key.js'

// `status` of HTTP; 0: there was no answer.
export class AdminError extends Error {
  constructor (message, status = 0) {
    super(message)
    this.status = status
  }
}

const words = {
  401: 'The admin wants a key.',
  403: 'The admin does not take this from a page of this address.',
  404: 'There is no such thing (any more).',
  409: 'It is being changed by somebody else; try again.',
  501: 'This server cannot do that.',
  503: 'The server does not come to it now; try again.'
}

// The answer, if it is a good one. Otherwise an AdminError in words for people.
export async function ask (method, path, body) {
  let response
  try {
    response = await fetch(adminUrl(path), {
      method,
      body,
      headers: key() ? { authorization: `Bearer ${key()}` } : {},
      cache: 'no-store',
      credentials: 'omit'
    })
  } catch {
    throw new AdminError('The server cannot be reached.')
  }
  if (response.ok) return response
  const text = await response.text().catch(() => '')
  let said = ''
  try { said = JSON.parse(text).error ?? '' } catch { said = text.trim() }
  throw new AdminError(String(said).slice(0, 300) || words[response.status] || `The server answers ${response.status}.`, response.status)
}

export const get = async path => (await ask('GET', path)).json()
export const roomPath = (room, part = '') => `/rooms/${encodeURIComponent(room)}${part}`
export const topicPath = (topic, part = '') => `/outbox/${encodeURIComponent(topic)}${part}`

// Saves what `path` answers as a file of that name.
export async function download (path, name) {
  const blob = await (await ask('GET', path)).blob()
  const url = URL.createObjectURL(blob)
  const anchor = document.createElement('a')
  anchor.href = url
  anchor.download = name
  anchor.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
