// The studio with a real server behind it, by the address that `freshet studio` prints.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { Client } from '../interop/lib/client.mjs'
import { until } from '../interop/lib/wait.mjs'
import { Looking, startChromium } from './lib/looking.mjs'
import { load, openStudio, processorSeconds } from './lib/opened-studio.mjs'

const kHostile = '<img src=x onerror=alert(1)>'
const secret = 'a secret of the browser tests, a long one'

let browser
before(async () => { browser = await startChromium() })
after(() => browser?.close())

async function joined (t, server, room) {
  const client = await Client.joinSynced({ url: server.url, room })
  t.after(() => client.kill())
  return client
}

test('studio, real server: a room with a hostile name is looked into, written in, evicted and deleted', async t => {
  const { server, address } = await openStudio(t)
  const ann = await joined(t, server, encodeURIComponent(kHostile))
  await ann.do('insert', 0, kHostile)
  await ann.untilAcknowledged()
  const looking = await Looking.open(t, browser, address)
  const show = looking.page.getByLabel('Show')
  await show.selectOption('stored')
  await looking.page.getByLabel('Names from here on').fill(kHostile)
  await looking.shows('1, by name')
  await looking.page.getByRole('grid', { name: 'Stored rooms' }).getByText(kHostile).waitFor()
  await show.selectOption('open')
  await looking.page.getByRole('grid').getByText(kHostile).click()
  await looking.page.getByRole('heading', { name: kHostile }).waitFor()
  await looking.shows(/^all \d/)
  await looking.page.getByRole('tab', { name: 'Document' }).click()
  await looking.page.getByRole('tabpanel').getByText(kHostile).first().waitFor()
  await looking.page.getByRole('radio', { name: 'text' }).check()
  await looking.page.getByRole('tabpanel').locator('pre').getByText(kHostile).waitFor()
  await looking.page.getByRole('tab', { name: 'Updates' }).click()
  await looking.shows('Nobody has written')
  await ann.do('insert', 0, 'live words ')
  await looking.page.getByRole('tabpanel').getByText('live words').first().waitFor()
  await looking.page.getByRole('tab', { name: 'Growth' }).click()
  await looking.shows('1 clients wrote it')

  await looking.page.getByRole('button', { name: 'Evict' }).first().click()
  await looking.page.getByRole('dialog').getByRole('button', { name: 'Evict' }).click()
  await looking.page.getByRole('dialog').waitFor({ state: 'detached' })
  await ann.untilSynced()
  await ann.untilText(`live words ${kHostile}`)

  await looking.page.getByRole('button', { name: 'Delete…' }).click()
  await looking.page.getByRole('dialog').getByRole('textbox').fill(kHostile)
  await looking.keys('Enter')
  await looking.page.getByRole('heading', { level: 1, name: 'Rooms' }).waitFor()
  assert.equal(await looking.page.locator('img[src=x]').count(), 0)
  looking.done()
})

test('studio, real server: plugins without secrets, logs as they come, a manifest and a token judged', async t => {
  const { server, address } = await openStudio(t, { plugins: { 'auth-jwt': { secret } } })
  const looking = await Looking.open(t, browser, address, { expects: /4401|WebSocket/ })
  await looking.to('#/plugins')
  const auth = looking.page.getByRole('article', { name: /auth-jwt/ })
  await auth.getByText(/settings?$/).click()
  await auth.getByText('***').first().waitFor()
  assert.ok(!(await looking.page.content()).includes(secret))
  await looking.to('#/logs')
  await looking.page.getByRole('grid').waitFor()
  const stranger = await Client.join({ url: server.url, room: 'hall' })
  t.after(() => stranger.kill())
  await looking.shows(/is sent away with 4401/)
  await looking.to('#/check')
  await looking.page.getByLabel('TOML').fill('[server]\nlistne = []\n')
  await looking.page.getByRole('button', { name: 'Check' }).click()
  await looking.shows(/listne/)
  await looking.page.getByRole('textbox', { name: 'Token' }).fill('no.such.token')
  await looking.page.getByRole('button', { name: 'Explain' }).click()
  await looking.page.locator('pre').waitFor()
  assert.deepEqual(await looking.wrong(), [])
  looking.done()
})

test('studio, real server: 20,000 rooms, 500 people in one, and 2,000 edits a second in it while it is watched', async t => {
  const { server, address } = await openStudio(t, { limits: { linger_ms: '10 min', room_joins_per_second: 100_000, rooms: 100_000 } })
  for (let part = 0; part < 4; ++part) {
    await load(t, server, ['--rooms', '5000', '--clients', '1', '--writers', '0', '--duration-s', '0.1', '--room-prefix', `many-${part}-`])
  }
  load(t, server, ['--rooms', '1', '--clients', '500', '--writers', '20', '--edits-per-second', '100', '--duration-s', '90', '--room-prefix', 'busy-'])
  const looking = await Looking.open(t, browser, address)
  await looking.page.getByText(/^20,00\d open/).waitFor({ timeout: 60_000 })
  await looking.page.getByLabel('Search rooms').fill('busy-')
  await looking.page.getByRole('grid').getByText('busy-').first().waitFor()
  await until('500 are in it', () => looking.page.locator('.row').first().getByText('500', { exact: true }).isVisible(), { withinMs: 60_000 })
  await pause(2000)
  const rooms = await looking.frames(5000)
  await looking.picture('studio-real-rooms')
  await looking.page.getByRole('grid').getByText('busy-').first().click()
  const figures = {}
  for (const part of ['People', 'Updates']) {
    await looking.page.getByRole('tab', { name: part }).click()
    await looking.page.locator('.row').first().waitFor()
    const before = await processorSeconds(server)
    figures[part] = { ...await looking.frames(5000), server: await processorSeconds(server) - before }
    await looking.picture(`studio-real-${part.toLowerCase()}`)
  }
  await looking.page.goto('about:blank')
  const before = await processorSeconds(server)
  await pause(5000)
  const alone = await processorSeconds(server) - before
  for (const [what, frames] of Object.entries({ Rooms: rooms, ...figures })) {
    const server = frames.server === undefined ? '' : `; the server ${((frames.server - alone) / 5 * 100).toFixed(1)} % of a core more than alone (${(alone / 5 * 100).toFixed(0)} %)`
    t.diagnostic(`${what}: ${frames.count} frames, half within ${frames.median.toFixed(1)} ms, ${frames.late} late; ${(frames.busy * 100).toFixed(0)} % of its thread${server}`)
    assert.ok(frames.median < 17.5, `${what}: ${JSON.stringify(frames)}`)
  }
  looking.done()
})
