// Waiting for a fact, with a deadline that says what did not come true.
import { setTimeout as pause } from 'node:timers/promises'

// Polls `fact` until it gives something truthy, and returns that. `describe` says, for the error,
// what the world looked like instead.
export async function until (what, fact, { withinMs = 15_000, everyMs = 20, describe } = {}) {
  const deadline = Date.now() + withinMs
  for (;;) {
    const answer = await fact()
    if (answer) return answer
    if (Date.now() > deadline) {
      const seen = describe ? `; instead: ${await describe()}` : ''
      throw new Error(oneLine(`not within ${withinMs} ms: ${what}${seen}`))
    }
    await pause(everyMs)
  }
}

// Readers of TAP stumble over messages of many lines.
export const oneLine = text => text.trim().replaceAll('\n', ' | ')
