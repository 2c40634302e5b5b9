// The first page of a server: the demo in it, on which two people write one document, and the address by which one came.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Server } from '../interop/lib/server.mjs'
import { until } from '../interop/lib/wait.mjs'
import { desk, Looking, night, phone, startChromium } from './lib/looking.mjs'

let browser
before(async () => { browser = await startChromium() })
after(() => browser?.close())

async function serve (t, plugins = {}) {
  const server = await Server.start({ plugins: { demo: {}, ...plugins } })
  t.after(() => server.stop())
  return { server, at: `http://127.0.0.1:${server.port}` }
}

const panes = async looking => {
  const page = looking.page.frames().find(frame => frame.url().endsWith('/demo/')) ?? looking.page
  const [left, right] = [page.locator('.pane').nth(0), page.locator('.pane').nth(1)]
  for (const pane of [left, right]) await pane.getByText('connected', { exact: true }).waitFor()
  return { left, right }
}
const text = pane => pane.locator('.cm-content').evaluate(content => {
  const own = content.cloneNode(true)
  own.querySelectorAll('.cm-ySelectionCaret, .cm-placeholder').forEach(caret => caret.remove())
  return [...own.querySelectorAll('.cm-line')].map(line => line.textContent).join('\n').replaceAll('\u2060', '')
})
const untilText = (pane, wanted) => until(`a pane has ${JSON.stringify(wanted)}`, async () => await text(pane) === wanted, { describe: () => text(pane) })

test('first page: somebody who has just started a server sees two people in one document, and where each is', async t => {
  const { at } = await serve(t)
  const looking = await Looking.open(t, browser, at)
  const { left, right } = await panes(looking)
  await left.locator('.cm-content').click()
  await looking.page.keyboard.type('Hello from the left')
  await untilText(right, 'Hello from the left')
  await right.locator('.cm-content').click()
  await looking.keys('Control+End')
  await looking.page.keyboard.type(', and the right')
  await untilText(left, 'Hello from the left, and the right')
  const [leftName, rightName] = await Promise.all([left, right].map(pane => pane.locator('h2').textContent()))
  assert.notEqual(leftName, rightName)
  assert.equal(await left.locator('.cm-ySelectionInfo').textContent(), rightName)
  await looking.picture('first-page')
  looking.done()
})

test('first page: one goes offline, both write, and what they wrote comes together', async t => {
  const { at } = await serve(t)
  const looking = await Looking.open(t, browser, `${at}/demo/`)
  const { left, right } = await panes(looking)
  await left.locator('.cm-content').click()
  await looking.page.keyboard.type('middle')
  await untilText(right, 'middle')
  await right.getByRole('button', { name: 'Go offline' }).click()
  await right.getByText('offline: what is typed waits').waitFor()
  await left.locator('.cm-content').click()
  await looking.keys('Control+Home')
  await looking.page.keyboard.type('left ')
  await right.locator('.cm-content').click()
  await looking.keys('Control+End')
  await looking.page.keyboard.type(' right')
  await untilText(right, 'middle right')
  await right.getByRole('button', { name: 'Come back' }).click()
  for (const pane of [left, right]) await untilText(pane, 'left middle right')
  looking.done()
})

for (const [name, on] of Object.entries({ light: desk, dark: night, phone })) {
  test(`first page, ${name}: it has names, contrast and room, says nothing on the console and asks nobody else`, async t => {
    const { server, at } = await serve(t, { 'protocol-pluv': {}, 'protocol-hocuspocus': {}, studio: {} })
    const looking = await Looking.open(t, browser, at, { on })
    await panes(looking)
    await looking.shows(`new WebsocketProvider('ws://127.0.0.1:${server.port}/yjs'`)
    await looking.shows('freshet studio')
    assert.deepEqual(await looking.wrong(), [])
    assert.ok(await looking.overflow() <= 0)
    await looking.picture(`first-page-${name}`)
    looking.done()
  })
}

test('first page: where a token is asked for there is no demo on it', async t => {
  const { at } = await serve(t, { 'auth-jwt': { secret: 'a secret of the browser tests, a long one' } })
  const looking = await Looking.open(t, browser, at)
  await looking.shows('Connect')
  assert.equal(await looking.page.locator('iframe').count(), 0)
  looking.done()
  const demo = await Looking.open(t, browser, `${at}/demo/`)
  await demo.shows('this server wants a token')
  demo.done()
})

test('first page: behind a trusted proxy that speaks TLS, the address is the proxy’s', async t => {
  const { at } = await serve(t, { 'platform-ws': { trusted_proxies: ['127.0.0.1'] } })
  const page = await (await fetch(at, { headers: { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'docs.example' } })).text()
  assert.match(page, /new WebsocketProvider\('wss:\/\/docs\.example\/yjs'/)
})
