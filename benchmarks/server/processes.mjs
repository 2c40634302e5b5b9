// Processes that do not outlive this one, however it ends: the kernel kills them with it.
import { spawn } from 'node:child_process'

const running = new Set()
let interrupted = false

export const start = (file, args, options) => {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', file, ...args], options)
  running.add(child)
  child.once('close', () => running.delete(child))
  if (interrupted) child.kill('SIGKILL')
  return child
}

// The first signal ends what is running, and whoever waits for it cleans up; the second ends all.
export const endOnSignals = () => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (interrupted) process.exit(130)
      interrupted = true
      for (const child of running) child.kill('SIGKILL')
    })
  }
}
export const wasInterrupted = () => interrupted
