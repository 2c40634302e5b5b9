// Looks at the server every second: /proc, its heap and its metrics, a line of JSON each.
import fs from 'node:fs'
import http from 'node:http'
import path from 'node:path'

const kEveryMs = 1000
// A sample without metrics is one all the same.
const kMetricsMs = 5000

export const metricsIn = text => Object.fromEntries([...text.matchAll(/^freshet_(\w+) (\S+)$/gm)].map(([, name, value]) => [name, Number(value)]))

const metricsOf = folder => new Promise(resolve => {
  const options = { socketPath: path.join(folder, 'admin.sock'), path: '/metrics', timeout: kMetricsMs, agent: false }
  http.get(options, async answer => {
    try { resolve(metricsIn((await answer.setEncoding('utf8').toArray()).join(''))) } catch { resolve(null) }
  }).once('error', () => resolve(null)).once('timeout', function () { this.destroy() })
})

const processOf = pid => {
  const status = fs.readFileSync(`/proc/${pid}/status`, 'utf8')
  const number = name => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)[1])
  return { rss_bytes: number('VmRSS') * 1024, threads: number('Threads'), descriptors: fs.readdirSync(`/proc/${pid}/fd`).length }
}

export class Samples {
  all = []
  phase = 'start'
  #timer
  #begin = Date.now()
  #busy = false

  constructor (scene, file) {
    this.scene = scene
    this.out = fs.createWriteStream(file)
  }

  get seconds () { return Math.round((Date.now() - this.#begin) / 1000) }

  start () {
    this.#timer = setInterval(async () => {
      if (this.#busy) return
      this.#busy = true
      await this.take().catch(() => {}) // the server is gone, which others notice
      this.#busy = false
    }, kEveryMs)
  }

  async take () {
    const { server } = this.scene
    const now = () => (Date.now() - this.#begin) / 1000
    const sample = { s: now(), phase: this.phase, ...processOf(server.process.pid), ...this.scene.heap() }
    sample.metrics = await metricsOf(server.folder)
    sample.answered_s = now()
    this.all.push(sample)
    this.out.write(JSON.stringify(sample) + '\n')
    return sample
  }

  get last () { return this.all.at(-1) }

  // All that was taken is in the file then.
  async stop () {
    clearInterval(this.#timer)
    await new Promise(resolve => this.out.end(resolve))
  }
}
