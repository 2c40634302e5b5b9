// A load generator: many clients that come, write, pause and leave.
import { spawn } from 'node:child_process'
import fs from 'node:fs'

// To join, to hear of what is saved, to leave; past it the generator is ended.
const kJoinS = 60
const kSettleS = 20
const kLeaveS = 15

export class Crowd {
  report = null
  words = ''

  // `json`: file for the figures. Options as of `load --help`.
  constructor (load, name, options, json) {
    this.name = name
    this.json = json
    fs.rmSync(json, { force: true })
    const all = { 'warmup-s': 0, 'settle-s': kSettleS, ...options, json }
    const args = Object.entries(all).flatMap(([key, value]) => [`--${key}`, String(value)])
    this.process = spawn(load, args, { stdio: ['ignore', 'ignore', 'pipe'] })
    const late = setTimeout(() => this.end(), 1000 * (kJoinS + options['duration-s'] + kSettleS + kLeaveS))
    this.ended = new Promise(resolve => this.process.once('close', code => {
      clearTimeout(late)
      resolve(code)
    }))
    this.process.once('error', error => { this.words += error.message })
    // Everybody is in, or it has ended.
    this.isIn = new Promise(resolve => {
      this.ended.then(resolve)
      this.process.stderr.on('data', data => {
        this.words = (this.words + data).slice(-2000)
        if (this.words.includes('measuring')) resolve()
      })
    })
  }

  end () { this.process.kill('SIGKILL') }

  // 3: it was late itself, which is its affair here.
  async finish () {
    const code = await this.ended
    if (code !== 0 && code !== 3) throw new Error(`the clients of "${this.name}" came to nothing: ${this.words.trim().split('\n').pop()}`)
    this.report = { name: this.name, ...JSON.parse(fs.readFileSync(this.json, 'utf8')) }
    return this.report
  }
}
