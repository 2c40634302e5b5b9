// The studio's page with a made-up server behind it, which shows what a real one rarely does.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startMock } from '../../studio/tests/mock.mjs'
import { kHostile } from '../../studio/tests/world.mjs'
import { until } from '../interop/lib/wait.mjs'
import { desk, Looking, night, phone, startChromium } from './lib/looking.mjs'

const bundle = process.env.FRESHET_PAGES
const kRoom = '#/room/notes%2F00003'

let browser
let mock
before(async () => {
  browser = await startChromium()
  mock = await startMock({ bundle })
})
after(async () => {
  await browser?.close()
  mock?.close()
})

const look = (t, hash = '', options = {}) => Looking.open(t, browser, mock.url + hash, options)

// What each shows when it is there.
const pages = {
  rooms: ['#/rooms', 'notes/'], people: [kRoom, 'Person 1'], presence: [`${kRoom}/presence`, 'Person 1'], document: [`${kRoom}/document`, 'prosemirror'],
  updates: [`${kRoom}/updates`, 'insert in notes'], growth: [`${kRoom}/growth`, 'Last authors'], server: ['#/server', 'Until an edit is on disk'],
  plugins: ['#/plugins', 'store-sqlite'], outbox: ['#/outbox', 'webhook'], logs: ['#/logs', 'is sent away'], check: ['#/check', 'A manifest']
}

for (const [name, on] of Object.entries({ light: desk, dark: night, phone })) {
  test(`studio, ${name}: every page has names, contrast and room, says nothing on the console and asks nobody else`, async t => {
    const looking = await look(t, '', { on })
    for (const [page, [hash, text]] of Object.entries(pages)) {
      await looking.to(hash)
      await looking.shows(text)
      looking.faults.push(...(await looking.wrong()).map(fault => `${page}: ${fault}`))
      if (await looking.overflow() > 0) looking.faults.push(`${page}: wider than the screen`)
      await looking.picture(`studio-${name}-${page}`)
    }
    looking.done()
  })
}

test('studio: by keys alone one finds a room, opens it, goes through its parts and back', async t => {
  const looking = await look(t)
  await looking.shows('notes/')
  await looking.keys('/')
  assert.equal(await looking.focused(), 'Search rooms')
  await looking.page.keyboard.type('notes/0001')
  await looking.shows('10 of them match')
  await looking.keys('Escape')
  await looking.page.getByRole('grid').focus()
  await looking.keys('ArrowDown', 'ArrowDown', 'End', 'ArrowUp')
  const row = looking.page.locator('[aria-selected=true]')
  const name = await row.locator('a').textContent()
  assert.equal(await looking.page.getByRole('grid').getAttribute('aria-activedescendant'), await row.getAttribute('id'))
  await looking.keys('Enter')
  await looking.page.getByRole('heading', { level: 1, name }).waitFor()
  await looking.page.getByRole('tab', { name: 'People' }).focus()
  await looking.keys('ArrowRight', 'ArrowRight')
  assert.equal(await looking.focused(), 'Document')
  await looking.shows('prosemirror')
  await looking.keys('Escape')
  await looking.page.getByRole('heading', { level: 1, name: 'Rooms' }).waitFor()
  looking.done()
})

test('studio: names are text, whatever somebody made them', async t => {
  const looking = await look(t)
  await looking.shows('notes/')
  await looking.page.getByLabel('Search rooms').fill('onerror')
  await looking.page.getByRole('grid').getByText(kHostile).click()
  await looking.page.getByRole('heading', { name: kHostile }).waitFor()
  for (const part of ['People', 'Presence', 'Document', 'Updates', 'Growth']) {
    await looking.page.getByRole('tab', { name: part }).click()
    if (part !== 'Presence') await looking.page.getByRole('tabpanel').getByText(kHostile).first().waitFor()
  }
  await looking.page.getByRole('button', { name: 'Delete…' }).click()
  await looking.page.getByRole('dialog').getByText(kHostile).waitFor()
  assert.equal(await looking.page.locator('img[src=x]').count(), 0)
  looking.done()
})

test('studio: a room is deleted by whoever types its name, and not before', async t => {
  const looking = await look(t, kRoom)
  await looking.shows('Person 1')
  await looking.page.getByRole('button', { name: 'Delete…' }).click()
  const dialog = looking.page.getByRole('dialog')
  const yes = dialog.getByRole('button', { name: 'Delete for good' })
  assert.ok(await yes.isDisabled())
  await dialog.getByRole('textbox').fill('notes/0000')
  assert.ok(await yes.isDisabled())
  assert.deepEqual(await looking.wrong(), [])
  await looking.keys('Escape')
  await dialog.waitFor({ state: 'detached' })
  assert.deepEqual(mock.asked.filter(line => line.startsWith('DELETE')), [])
  await looking.page.getByRole('button', { name: 'Delete…' }).click()
  await dialog.getByRole('textbox').fill('notes/00003')
  await looking.keys('Enter')
  await looking.page.getByRole('heading', { level: 1, name: 'Rooms' }).waitFor()
  assert.deepEqual(mock.asked.filter(line => line.startsWith('DELETE')), ['DELETE /rooms/notes%2F00003'])
  looking.done()
})

test('studio: a lost connection is said, and what was watched goes on when it is back', async t => {
  const looking = await look(t, `${kRoom}/updates`)
  await looking.shows('insert in notes')
  mock.dropAll()
  await looking.shows('connection lost, trying again')
  await looking.page.getByRole('status').getByText('live', { exact: true }).waitFor()
  await looking.shows('insert in notes')
  looking.done()
})

test('studio: a key is asked for, a wrong one said, and one in the address taken out of it', async t => {
  const locked = await startMock({ bundle, key: 'a-key-of-the-tests' })
  t.after(() => locked.close())
  const looking = await Looking.open(t, browser, locked.url)
  const key = looking.page.getByLabel('Key')
  await key.fill('another-key')
  await looking.keys('Enter')
  await looking.shows('That key is not the one')
  assert.deepEqual(await looking.wrong(), [])
  await key.fill('a-key-of-the-tests')
  await looking.keys('Enter')
  await looking.shows('notes/')
  await looking.to('#/outbox')
  await looking.shows('webhook')
  looking.done()
  const given = await Looking.open(t, browser, `${locked.url}#key=a-key-of-the-tests`)
  await given.shows('notes/')
  assert.ok(!given.page.url().includes('key'), given.page.url())
  given.done()
})

test('studio: 20,000 rooms, and one that gets 2,000 edits a second, are looked at by 60 frames a second', async t => {
  const looking = await look(t)
  await looking.shows('20,000 open')
  const rooms = await looking.frames(4000)
  await looking.to(`${kRoom}/updates`)
  await looking.shows('insert in notes')
  const updates = await looking.frames(4000)
  await looking.to(kRoom)
  await looking.shows('Person 1')
  const people = await looking.frames(4000)
  for (const [what, frames] of Object.entries({ rooms, updates, people })) {
    t.diagnostic(`${what}: ${frames.count} frames, half within ${frames.median.toFixed(1)} ms, ${frames.late} late; ${(frames.busy * 100).toFixed(0)} % of its thread`)
    assert.ok(frames.median < 17.5, `${what}: ${JSON.stringify(frames)}`)
  }
  await until('the list of updates is bounded', async () => await looking.page.locator('.row').count() < 100)
  looking.done()
})
