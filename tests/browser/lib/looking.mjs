// The studio's page in a real browser, watched for what a page must not do: errors, warnings, requests to elsewhere.
import assert from 'node:assert/strict'
import { mkdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { chromium } from 'playwright-core'

const program = process.env.FRESHET_CHROMIUM ?? '/usr/bin/chromium'
const pictures = process.env.FRESHET_PICTURES
const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

export const desk = { viewport: { width: 1280, height: 800 }, colorScheme: 'light' }
export const night = { ...desk, colorScheme: 'dark' }
export const phone = { viewport: { width: 360, height: 740 }, colorScheme: 'light', hasTouch: true }

export async function startChromium () {
  if (pictures) await mkdir(pictures, { recursive: true })
  return chromium.launch({ executablePath: program, args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'] })
}

export class Looking {
  faults = []

  // `at`: the address of a page. `expects`: a pattern of what may be said on its console.
  static async open (t, browser, at, { on = desk, expects } = {}) {
    const context = await browser.newContext(on)
    t.after(() => context.close())
    const self = new Looking()
    self.page = await context.newPage()
    self.page.on('pageerror', error => self.faults.push(`error: ${error}`))
    self.page.on('console', message => {
      if (['error', 'warning'].includes(message.type()) && !expects?.test(message.text())) self.faults.push(`${message.type()}: ${message.text()}`)
    })
    self.page.on('dialog', dialog => { self.faults.push(`dialog: ${dialog.message()}`); dialog.dismiss() })
    const { host } = new URL(at)
    const seen = url => { if (!/^(blob|data):/.test(url) && new URL(url).host !== host) self.faults.push(`a request to ${url}`) }
    self.page.on('request', request => seen(request.url()))
    self.page.on('websocket', socket => seen(socket.url()))
    await self.page.goto(at)
    return self
  }

  async to (hash) { await this.page.evaluate(to => { location.hash = to }, hash) }
  shows (text) { return this.page.getByText(text).first().waitFor({ timeout: 10_000 }) }
  keys (...keys) { return keys.reduce((before, key) => before.then(() => this.page.keyboard.press(key)), Promise.resolve()) }
  focused () { return this.page.evaluate(() => document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent) }
  async picture (name) { if (pictures) await this.page.screenshot({ path: join(pictures, `${name}.png`) }) }

  // What an accessibility checker finds: names, roles, contrast, order.
  async wrong () {
    await this.page.evaluate(axe)
    const { violations } = await this.page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }))
    return violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(node => node.html.slice(0, 160)).join(' | ')}`)
  }

  overflow () { return this.page.evaluate(() => document.documentElement.scrollWidth - innerWidth) }

  // For so long: the times between frames, sorted, and the share of its thread that the page took.
  async frames (ms) {
    const session = await this.page.context().newCDPSession(this.page)
    await session.send('Performance.enable')
    const busy = async () => (await session.send('Performance.getMetrics')).metrics.find(({ name }) => name === 'TaskDuration').value
    const before = await busy()
    const gaps = await this.page.evaluate(ms => new Promise(resolve => {
      const gaps = []
      const end = performance.now() + ms
      let last
      requestAnimationFrame(function step (now) {
        if (last !== undefined) gaps.push(now - last)
        last = now
        if (now < end) requestAnimationFrame(step)
        else resolve(gaps)
      })
    }), ms)
    gaps.sort((a, b) => a - b)
    return { median: gaps[gaps.length >> 1], late: gaps.filter(gap => gap > 34).length, count: gaps.length, busy: (await busy() - before) / ms * 1000 }
  }

  done () { assert.deepEqual(this.faults, []) }
}
