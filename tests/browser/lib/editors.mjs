// Editors in pages of a real browser: each person in a context of their own, which shares nothing with the others but the
// server.
import { mkdir } from 'node:fs/promises'
import { chromium } from 'playwright-core'
import { until } from '../../interop/lib/wait.mjs'
import { servePages } from './pages.mjs'

const program = process.env.FRESHET_CHROMIUM ?? '/usr/bin/chromium'
const pictures = process.env.FRESHET_PICTURES

export async function launch () {
  if (pictures) await mkdir(pictures, { recursive: true })
  // Chromium has no sandbox for root, and its pages are ours.
  return chromium.launch({ executablePath: program, args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'] })
}

export async function picture (page, name) { if (pictures) await page.screenshot({ path: `${pictures}/${name}.png` }) }

export class Browser {
  static async start () {
    const self = new Browser()
    self.pages = await servePages()
    self.chromium = await launch()
    return self
  }

  // options: { editor, server, room, user, color?, token?, read?, line? }
  async open (t, options) {
    const context = await this.chromium.newContext()
    t.after(() => context.close())
    const page = await context.newPage()
    const self = new Person(page, options.user)
    page.on('pageerror', error => self.errors.push(String(error)))
    await page.goto(this.addressOf(options))
    return self
  }

  addressOf ({ editor, server, room, user, color, token, read, line }) {
    const query = new URLSearchParams({ wire: server.wire, url: (line?.url ?? `ws://127.0.0.1:${server.port}`) + server.path, room, user })
    if (color) query.set('color', color)
    if (token) query.set('token', token)
    if (read) query.set('read', '')
    return `${this.pages.url}/${editor}.html?${query}`
  }

  async close () {
    await this.chromium.close()
    this.pages.close()
  }
}

export class Person {
  errors = []

  constructor (page, name) { Object.assign(this, { page, name }) }

  state () { return this.page.evaluate(() => window.page.state()) }
  text () { return this.page.evaluate(() => window.page.text()) }
  carets () { return this.page.evaluate(() => window.page.carets()) }
  caretTo (at) { return this.page.evaluate(place => { window.page.caretTo(place) }, at) }
  type (words, delay = 20) { return this.page.keyboard.type(words, { delay }) }
  press (keys) { return this.page.keyboard.press(keys) }
  reload () { return this.page.reload() }

  untilSynced () {
    return until(`${this.name} is synced`, async () => { const state = await this.state(); return state.synced && state.unsynced === 0 },
      { describe: async () => JSON.stringify(await this.state()) })
  }

  untilText (expected) {
    const fits = typeof expected === 'string' ? text => text === expected : expected
    return until(`${this.name} reads ${expected}`, async () => fits(await this.text()), { describe: async () => JSON.stringify(await this.text()) })
  }

  untilCaretOf (name) {
    return until(`${this.name} sees the caret of ${name}`, async () => (await this.carets()).some(label => label.includes(name)),
      { describe: async () => JSON.stringify(await this.carets()) })
  }

  // For people to look at, if they said where.
  picture (name) { return picture(this.page, `${name}-${this.name}`) }
}

export async function untilSame (people) {
  await until('all read the same', async () => new Set(await Promise.all(people.map(person => person.text()))).size === 1,
    { describe: async () => JSON.stringify(await Promise.all(people.map(person => person.text()))) })
  return people[0].text()
}
