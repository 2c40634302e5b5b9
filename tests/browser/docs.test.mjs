// The modules of docs/editors.md in a real browser, two people at a time, and the real server between them.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { nowSeconds, token } from '../interop/lib/token.mjs'
import { until } from '../interop/lib/wait.mjs'
import { serveDocs } from './lib/docs-pages.mjs'
import { launch, picture } from './lib/editors.mjs'
import { freshet } from './lib/servers.mjs'

const secret = 'a secret of the browser tests, a long one'
// Where people type, and what shows where others are; a caret without a name is one that its editor gives none.
const editors = {
  tiptap: { field: '.ProseMirror', caret: '.collaboration-carets__caret', named: true },
  blocknote: { field: '.bn-editor', caret: '.bn-collaboration-cursor__base', named: true },
  codemirror: { field: '.cm-content', caret: '.cm-ySelectionCaret', named: true },
  lexical: { field: '[data-lexical-editor]', caret: 'body > div:not(#editor) > span', named: true },
  quill: { field: '.ql-editor', caret: '.ql-cursor', named: true },
  monaco: { field: '.view-lines', caret: '.yRemoteSelectionHead', named: false }
}
const pages = [...Object.keys(editors).map(name => [name, 'y-websocket']), ['tiptap', 'hocuspocus'], ['blocknote', 'hocuspocus']]

let browser, docs
before(async () => {
  docs = await serveDocs()
  browser = await launch()
})
after(async () => { await browser?.close(); docs?.close() })

const pass = (user, permission) => token(secret, { room: '**', user: { id: user }, permission, exp: nowSeconds() + 600 })

class Person {
  errors = []

  // of: { name, wire, server }
  static async open (t, { name, wire, server }, user, { permission = 'read-write', read } = {}) {
    const context = await browser.newContext()
    t.after(() => context.close())
    const self = new Person()
    Object.assign(self, { user, editor: editors[name], page: await context.newPage() })
    self.page.on('pageerror', error => self.errors.push(String(error)))
    const query = new URLSearchParams({ url: `ws://127.0.0.1:${server.port}${server.path}`, room: name, user, token: pass(user, permission), ...(read ? { read } : {}) })
    await self.page.goto(`${docs.url}/${name}-${wire}.html?${query}`)
    return self
  }

  // What a person reads: the text without the carets of others, which some editors put into it.
  text () {
    return this.page.evaluate(({ field, caret }) => {
      const copy = document.querySelector(field)?.cloneNode(true)
      copy?.querySelectorAll(caret).forEach(each => each.remove())
      return copy?.textContent.replaceAll('\u00a0', ' ').replace(/[\u2060\ufeff]/g, '')
    }, this.editor)
  }

  carets () {
    return this.page.evaluate(({ caret }) => [...document.querySelectorAll(caret)].map(each => each.textContent), this.editor)
  }

  status () { return this.page.textContent('#status') }

  // As a hand does: a click into the text, to its end, and letters.
  async type (words) {
    await this.page.click(this.editor.field)
    await this.page.keyboard.press('Control+End')
    await this.page.keyboard.type(words, { delay: 20 })
  }

  untilHere () { return this.#until('is in the room', () => this.status(), words => /^(Here|Saved|You may only read)/.test(words)) }
  untilText (text) { return this.#until(`reads ${text}`, () => this.text(), found => text instanceof RegExp ? text.test(found) : found === text) }
  untilStatus (words) { return this.#until(`is told ${words}`, () => this.status(), found => found === words) }

  untilCaretOf (other) {
    return this.#until(`sees the caret of ${other.user}`, () => this.carets(),
      found => found.some(label => !this.editor.named || label.includes(other.user)))
  }

  #until (what, look, fits) {
    return until(`${this.user} ${what}`, async () => fits(await look()), { describe: async () => JSON.stringify([await look(), this.errors]) })
  }
}

for (const [name, wire] of pages) {
  const title = wire === 'y-websocket' ? name : `${name} by Hocuspocus' provider`

  test(`docs, ${title}: what one types the other reads, sees where, and it is saved; who may only read reads`, async t => {
    const server = await freshet(t, { wire, plugins: { 'auth-jwt': { secret } } })
    const at = { name, wire, server }
    await docs.make(name, wire)
    const ann = await Person.open(t, at, 'ann')
    const bob = await Person.open(t, at, 'bob')
    for (const person of [ann, bob]) await person.untilHere()
    await ann.type('from ann')
    await bob.untilText('from ann')
    await ann.untilStatus('Saved.')
    await bob.type(', and bob')
    await ann.untilText('from ann, and bob')
    await bob.untilStatus('Saved.')
    await ann.untilCaretOf(bob)
    await picture(ann.page, `docs-${name}-${wire}`)

    const reader = await Person.open(t, at, 'reader', { permission: 'read', read: 'only' })
    await reader.untilText('from ann, and bob')
    await reader.type(' NOT')
    await ann.type('!')
    await reader.untilText('from ann, and bob!')
    assert.equal(await ann.text(), 'from ann, and bob!')
    assert.deepEqual([...ann.errors, ...bob.errors, ...reader.errors], [])
  })
}

test('docs: who may only read and types all the same is told so, and nobody sees it', async t => {
  const server = await freshet(t, { plugins: { 'auth-jwt': { secret } } })
  const at = { name: 'codemirror', wire: 'y-websocket', server }
  await docs.make('codemirror', 'y-websocket')
  const ann = await Person.open(t, at, 'ann')
  const guest = await Person.open(t, at, 'guest', { permission: 'read' })
  for (const person of [ann, guest]) await person.untilHere()
  await guest.type('NOT')
  await guest.untilStatus('You may only read in this room.')
  await ann.type('for all')
  await guest.untilText(/^(for allNOT|NOTfor all)$/) // both at the beginning
  assert.equal(await ann.text(), 'for all')
})

test('docs: who is not let in is told why', async t => {
  const server = await freshet(t, { plugins: { 'auth-jwt': { secret }, 'protocol-yjs': { retry_delay_ms: 0 } } })
  await docs.make('codemirror', 'y-websocket')
  const stranger = await Person.open(t, { name: 'codemirror', wire: 'y-websocket', server }, 'stranger', { permission: 'none of these' })
  await stranger.untilStatus('Not connected: not allowed in this room')
})
