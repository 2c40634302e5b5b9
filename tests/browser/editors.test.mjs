// Two people with real editors in a real browser, and the real server between them. SMOKE=1: one editor, the shortest way.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { nowSeconds, token } from '../interop/lib/token.mjs'
import { until } from '../interop/lib/wait.mjs'
import { Browser, untilSame } from './lib/editors.mjs'
import { Line } from './lib/line.mjs'
import { editors as all } from './lib/pages.mjs'
import { freshet, hasHocuspocusWire } from './lib/servers.mjs'

const secret = 'a secret of the browser tests, a long one'
const smoke = process.env.SMOKE === '1'
const editors = smoke ? all.slice(0, 1) : all
// What a test is told besides: Tiptap's usual provider is Hocuspocus'.
const kinds = editors.map(editor => [editor, 'y-websocket'])
if (hasHocuspocusWire && !smoke) kinds.push(['tiptap', 'hocuspocus'])

let browser
before(async () => { browser = await Browser.start() })
after(() => browser?.close())

const room = (editor, story) => `${editor} ${story}`
const inOrder = (text, word) => [...text].filter(letter => word.includes(letter)).join('')
const occurrences = (text, part) => text.split(part).length - 1

async function couple (t, editor, wire, story, options = {}) {
  const server = await freshet(t, { wire })
  const ann = await browser.open(t, { editor, server, room: room(editor, story), user: 'ann', color: '#b02020', ...options.ann })
  const bob = await browser.open(t, { editor, server, room: room(editor, story), user: 'bob', color: '#2040b0', ...options.bob })
  for (const person of [ann, bob]) await person.untilSynced()
  return { server, ann, bob }
}

async function write (person, words) {
  await person.caretTo(0)
  await person.type(words)
}

for (const [editor, wire] of kinds) {
  const name = wire === 'y-websocket' ? editor : `${editor} by Hocuspocus' provider`

  test(`${name}: two type at once, at two places and at one, and see where the other is`, async t => {
    const { ann, bob } = await couple(t, editor, wire, 'together')
    await write(ann, 'one two')
    await bob.untilText('one two')
    await ann.caretTo(3)
    await bob.caretTo(7)
    await ann.untilCaretOf('bob')
    await bob.untilCaretOf('ann')
    await ann.picture(`${editor}-${wire}-carets`)
    await Promise.all([ann.type('ABCDE'), bob.type('vwxyz')])
    assert.equal(await untilSame([ann, bob]), 'oneABCDE twovwxyz')

    await ann.caretTo(8)
    await bob.caretTo(8)
    await Promise.all([ann.type('FGHIJKLM'), bob.type('nopqrstu')])
    const text = await untilSame([ann, bob])
    const typed = /^oneABCDE([A-Mn-u]{16}) twovwxyz$/.exec(text)?.[1] ?? ''
    for (const word of ['FGHIJKLM', 'nopqrstu']) assert.equal(inOrder(typed, word), word, text)
    // y-prosemirror puts a caret behind what others type at it, so that both go on there: docs/front-ends.md.
    if (editor !== 'prosemirror') assert.ok(typed === 'FGHIJKLMnopqrstu' || typed === 'nopqrstuFGHIJKLM', text)
    await bob.picture(`${editor}-${wire}-together`)
    assert.deepEqual([...ann.errors, ...bob.errors], [])
  })
  if (smoke) continue

  test(`${name}: what is typed offline comes together, each piece whole, and a reload finds it`, async t => {
    const server = await freshet(t, { wire })
    const line = await Line.to(server.port)
    t.after(() => line.end())
    const at = { editor, server, room: room(editor, 'offline') }
    const ann = await browser.open(t, { ...at, user: 'ann', line })
    const bob = await browser.open(t, { ...at, user: 'bob' })
    for (const person of [ann, bob]) await person.untilSynced()
    await write(ann, 'start end')
    await bob.untilText('start end')
    line.break()
    await until('ann notices', async () => !(await ann.state()).connected)
    await ann.caretTo(5)
    await bob.caretTo(5)
    await Promise.all([ann.type(' offline'), bob.type(' online')])
    await bob.untilText('start online end')
    await ann.untilText('start offline end')
    line.mend()
    const text = await untilSame([ann, bob])
    assert.ok(['start offline online end', 'start online offline end'].includes(text), text)
    await ann.picture(`${editor}-${wire}-back`)
    await ann.reload()
    await ann.untilText(text)
    await server.server.kill()
    await server.server.launch()
    await bob.reload()
    await bob.untilText(text)
    assert.deepEqual([...ann.errors, ...bob.errors], [])
  })

  test(`${name}: undo takes back what one has typed oneself`, async t => {
    const { ann, bob } = await couple(t, editor, wire, 'undo')
    await write(bob, 'of bob')
    await ann.untilText('of bob')
    await write(ann, 'of ann and ')
    await bob.untilText('of ann and of bob')
    await bob.caretTo(17)
    await bob.type('by')
    await ann.untilText('of ann and of bobby')
    await ann.press('Control+z')
    await untilSame([ann, bob])
    const text = await ann.text()
    assert.equal(occurrences(text, 'of bobby'), 1, text)
    assert.equal(occurrences(text, 'ann'), 0, text)
    assert.deepEqual([...ann.errors, ...bob.errors], [])
  })

  test(`${name}: who may only read reads, and nobody sees what they type all the same`, async t => {
    const server = await freshet(t, { wire, plugins: { 'auth-jwt': { secret } } })
    const pass = (user, permission) => token(secret, { room: '**', user: { id: user }, permission, exp: nowSeconds() + 600 })
    const at = { editor, server, room: room(editor, 'reading') }
    const ann = await browser.open(t, { ...at, user: 'ann', token: pass('ann', 'read-write') })
    const reader = await browser.open(t, { ...at, user: 'reader', token: pass('reader', 'read'), read: true })
    const cheat = await browser.open(t, { ...at, user: 'cheat', token: pass('cheat', 'read') })
    for (const person of [ann, reader, cheat]) await person.untilSynced()
    await write(ann, 'for all to read')
    for (const person of [reader, cheat]) await person.untilText('for all to read')
    await write(cheat, 'NOT ')
    await reader.type('NEITHER ')
    await ann.caretTo(15)
    await ann.type(', still')
    await reader.untilText('for all to read, still')
    assert.equal(await ann.text(), 'for all to read, still')
    await reader.picture(`${editor}-${wire}-reading`)
  })
}

for (const wire of hasHocuspocusWire ? ['y-websocket', 'hocuspocus'] : ['y-websocket']) {
  test(`a token that is not good is refused, and the page is told: ${wire}`, async t => {
    const server = await freshet(t, { wire, plugins: { 'auth-jwt': { secret } } })
    const forged = token('another secret, as long as the first one', { room: '**', exp: nowSeconds() + 60 })
    const stranger = await browser.open(t, { editor: 'codemirror', server, room: 'closed', user: 'stranger', token: forged })
    await until('the page is told', async () => (await stranger.state()).refused, { describe: async () => JSON.stringify(await stranger.state()) })
    assert.equal((await stranger.state()).synced, false)
    assert.deepEqual(stranger.errors, [])
  })
}
