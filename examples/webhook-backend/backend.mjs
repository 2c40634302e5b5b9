// A small backend beside Freshet: keeps what is in rooms, gives new rooms their first state, and
// hands out tokens. See README.md.
import { createServer } from 'node:http'
import { Rooms } from './rooms.mjs'
import { isGenuine } from './signature.mjs'

const {
  FRESHET_WEBHOOK_SECRET: webhookSecret, FRESHET_API_KEY: apiKey,
  FRESHET_URL: freshet = 'http://127.0.0.1:4747', PORT: port = '3000', DATABASE: file = 'backend.db',
  PAGE_ORIGIN: pageOrigin = 'http://localhost:5173'
} = process.env
if (!webhookSecret || !apiKey) throw new Error('FRESHET_WEBHOOK_SECRET and FRESHET_API_KEY are not set')

const maxBodyBytes = 256 * 1024 * 1024
const rooms = new Rooms(file)

class Refused extends Error {
  constructor (status, message) { super(message); this.status = status }
}

async function bodyOf (request) {
  const chunks = []
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    if (size > maxBodyBytes) throw new Refused(413, 'too large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function jsonOf (bytes) {
  try { return JSON.parse(bytes) } catch { throw new Refused(400, 'not JSON') }
}

// Freshet tells us something, or asks.
async function webhook (request) {
  const body = await bodyOf(request)
  if (!isGenuine(webhookSecret, request.headers['x-freshet-signature'], body)) throw new Refused(401, 'not signed by Freshet')
  const event = jsonOf(body)
  if (event.event === 'initial-storage') return { storage: rooms.storage(event.room) }
  rooms.take(event)
  return { ok: true }
}

// A browser asks for a token, which is the whole answer, as pluv's client wants it. Here is where you
// look who is logged in, and whether they may.
async function login (request) {
  const { user, room } = jsonOf(await bodyOf(request))
  if (typeof user !== 'string' || typeof room !== 'string') throw new Refused(400, 'user and room are needed')
  const answer = await fetch(`${freshet}/api/tokens`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ room, user: { id: user }, maxAge: 60_000 })
  })
  if (!answer.ok) throw new Refused(502, `Freshet makes no token: ${await answer.text()}`)
  return await answer.text()
}

async function visits (request) {
  return { visits: rooms.visits(new URL(request.url, 'http://localhost').searchParams.get('room') ?? '') }
}

// Pages of one origin, which is not ours, may ask: that of the front-end.
const forPages = {
  'access-control-allow-origin': pageOrigin,
  'access-control-allow-methods': 'GET, POST',
  'access-control-allow-headers': 'authorization, content-type',
  vary: 'origin'
}

const routes = { 'POST /freshet': webhook, 'POST /login': login, 'GET /visits': visits }

const server = createServer(async (request, response) => {
  if (request.method === 'OPTIONS') return response.writeHead(204, forPages).end()
  let status = 200, answer
  try {
    const route = routes[`${request.method} ${request.url.split('?')[0]}`]
    if (!route) throw new Refused(404, 'nothing here')
    answer = await route(request)
  } catch (error) {
    // What is no fault of the sender is a 500: Freshet sends it again.
    status = error.status ?? 500
    answer = { error: error.status ? error.message : 'failed' }
    if (!error.status) console.error(error)
  }
  const isText = typeof answer === 'string'
  response.writeHead(status, { ...forPages, 'content-type': isText ? 'text/plain' : 'application/json' })
    .end(isText ? answer : JSON.stringify(answer))
})

server.listen(Number(port), '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${server.address().port}`))
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => server.close(() => { rooms.close(); process.exit(0) }))
}
