// Whether a request is of our Freshet server, and of now.
import { createHmac, timingSafeEqual } from 'node:crypto'

const maxAgeSeconds = 300

// `header`: x-freshet-signature. `body`: the bytes as they came, before anybody parsed them.
export function isGenuine (secret, header, body, now = Date.now()) {
  const [, time, mac] = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(header ?? '') ?? []
  if (!mac || Math.abs(now / 1000 - Number(time)) > maxAgeSeconds) return false
  const expected = createHmac('sha256', secret).update(`${time}.`).update(body).digest()
  return timingSafeEqual(expected, Buffer.from(mac, 'hex'))
}
