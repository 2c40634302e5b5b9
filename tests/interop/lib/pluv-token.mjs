// Tokens of pluv made without the server's own code: RFC 7516 (dir, A256GCM) and RFC 5869.
import { createCipheriv, hkdfSync, randomBytes, randomUUID } from 'node:crypto'

const info = 'Pluv.io Generated Encryption Key'

export function pluvToken (secret, { room, user, maxAge = 600, now = Math.floor(Date.now() / 1000) }) {
  const key = Buffer.from(hkdfSync('sha256', secret, '', info, 32))
  const header = Buffer.from('{"alg":"dir","enc":"A256GCM"}').toString('base64url')
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, iv)
  cipher.setAAD(Buffer.from(header))
  const claims = { room, sub: `${room}|${user.id}`, user, iat: now, exp: now + maxAge, jti: randomUUID() }
  const sealed = Buffer.concat([cipher.update(JSON.stringify(claims)), cipher.final()])
  const text = bytes => bytes.toString('base64url')
  return `${header}..${text(iv)}.${text(sealed)}.${text(cipher.getAuthTag())}`
}
