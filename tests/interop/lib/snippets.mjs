// The code of docs/front-ends.md, run as it stands there.
import { readFileSync } from 'node:fs'

const page = readFileSync(new URL('../../../docs/front-ends.md', import.meta.url), 'utf8')

// A module of its own; what it imports is found from here.
async function snippet (name) {
  const code = page.split(`<!-- snippet: ${name} -->`)[1]?.match(/```js\n([\s\S]*?)```/)?.[1]
  if (!code) throw new Error(`docs/front-ends.md has no snippet ${name}`)
  const whole = code.replace(/from '([^']+)'/g, (_, module) => `from '${import.meta.resolve(module)}'`)
  return import(`data:text/javascript,${encodeURIComponent(whole)}`)
}

export const { onRefused } = await snippet('refused')
export const { onSaved } = await snippet('saved')
