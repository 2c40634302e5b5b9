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
  updates: [`${kRoom}/updates`, 'insert in notes'], growth: [`${kRoom}/growth`, 'Last authors'], server: ['#/server', 'A commit takes'],
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

test('studio: a key in the address is taken as it is written, also where it is no encoding', async t => {
  const locked = await startMock({ bundle, key: '100%' })
  t.after(() => locked.close())
  const looking = await Looking.open(t, browser, `${locked.url}#key=100%`)
  await looking.shows('20,000 open')
  assert.ok(!looking.page.url().includes('key'), looking.page.url())
  looking.done()
})

for (const [code, reason] of [[4503, 'too many look'], [4529, 'too many wrong keys']]) {
  test(`studio: who is sent away with ${code} has no wrong key: the page comes back with it`, async t => {
    const locked = await startMock({ bundle, key: 'a-key-of-the-tests' })
    t.after(() => locked.close())
    locked.refuse(code, reason)
    const looking = await Looking.open(t, browser, `${locked.url}#key=a-key-of-the-tests`)
    await looking.shows('sent away for now, trying again')
    assert.equal(await looking.page.getByRole('status').first().getAttribute('title'), reason)
    assert.equal(await looking.page.getByLabel('Key').count(), 0)
    locked.admit()
    await looking.shows('20,000 open')
    looking.done()
  })
}

test('studio: of stored rooms, the one of the typed name is first, if there is one', async t => {
  const looking = await look(t, '', { expects: /404/ })
  await looking.page.getByLabel('Show').selectOption('stored')
  const names = () => looking.page.getByRole('grid', { name: 'Stored rooms' }).locator('.row a').allTextContents()
  const from = async (typed, first) => {
    await looking.page.getByLabel('Names from here on').fill(typed)
    await until(`${first} is first behind "${typed}"`, async () => (await names())[0] === first)
  }
  await from('notes/00041', 'notes/00041')
  assert.deepEqual((await names()).slice(0, 3), ['notes/00041', 'notes/00042', 'notes/00043'])
  await from('notes/00041a', 'notes/00042')
  await from(kHostile, kHostile)
  await from('notes/', 'notes/00000')
  await from('notes/19999', 'notes/19999')
  await looking.shows(/^1, by name/)
  await looking.page.getByLabel('Names from here on').fill('zoo')
  await looking.shows('Nothing is stored from there on.')
  looking.done()
})

test('studio: 5,000 stored rooms are listed, and it is said that there are more', async t => {
  const looking = await look(t)
  await looking.page.getByLabel('Show').selectOption('stored')
  await looking.shows('500 so far, by name')
  const grid = looking.page.getByRole('grid', { name: 'Stored rooms' })
  await grid.focus()
  await until('5,000 are listed', async () => {
    await looking.keys('End')
    return looking.page.getByText('The first 5,000 by name').isVisible()
  }, { withinMs: 30_000 })
  const asked = () => mock.asked.filter(line => line.startsWith('GET /rooms?')).length
  const before = asked()
  await looking.keys('Home', 'End')
  await until('the last is seen', () => grid.getByText('notes/04998').isVisible())
  assert.equal(asked(), before)
  looking.done()
})

test('studio: an update names who wrote it, also from elsewhere, and the server only where nobody is named', async t => {
  const looking = await look(t, `${kRoom}/updates`)
  const rows = looking.page.getByRole('grid', { name: 'Live updates' }).locator('.row')
  await until('fourteen are there', async () => await rows.count() > 14)
  await looking.page.getByRole('button', { name: 'Hold' }).click()
  for (const who of ['Ann of another node', 'elsewhere, or the server', /^Person \d+$/]) await rows.getByText(who, { exact: true }).first().waitFor()
  assert.equal(await rows.getByText('anonymous').count(), 0)
  looking.done()
})

test('studio: a document that was changed is said to be, though it is as large as before', async t => {
  const looking = await look(t, kRoom)
  await looking.shows('Person 1')
  await looking.page.getByRole('tab', { name: 'Document' }).click()
  await looking.page.getByRole('button', { name: 'It has changed: read it again' }).waitFor()
  looking.done()
})

test('studio: a document that was not changed is not said to be, by its size where there is no version', async t => {
  const still = await startMock({ bundle, ofRoom: { document: { bytes: 4000 } } })
  t.after(() => still.close())
  const looking = await Looking.open(t, browser, `${still.url}${kRoom}/document`)
  await looking.shows('3.9 KiB in memory')
  await looking.shows('prosemirror')
  assert.equal(await looking.page.getByRole('button', { name: 'Read again' }).count(), 1)
  looking.done()
})

test('studio: who wrote what is stored is not known of a large room, and that is no row without a user', async t => {
  const large = await startMock({ bundle, ofRoom: { authors: [], authors_read: false } })
  t.after(() => large.close())
  const looking = await Looking.open(t, browser, `${large.url}${kRoom}/growth`)
  await looking.shows('Who wrote what is stored is not read: the room is large')
  assert.equal(await looking.page.getByText('name no user').count(), 0)
  looking.done()
})

for (const hollow of ['numbers', 'lists', 'inner']) {
  test(`studio: a server that does not know its ${hollow === 'inner' ? 'lists in lists' : hollow} takes no page down`, async t => {
    const vague = await startMock({ bundle, hollow, rooms: 200 })
    t.after(() => vague.close())
    const looking = await Looking.open(t, browser, vague.url)
    for (const [page, [hash]] of Object.entries(pages)) {
      await looking.to(hash)
      const part = hash.startsWith(kRoom) ? looking.page.getByRole('tabpanel') : looking.page.getByRole('heading', { level: 1 })
      await part.waitFor()
      await looking.frames(700)
      assert.deepEqual(looking.faults, [], page)
    }
    looking.done()
  })
}

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
