// The code of docs/front-ends.md, run as it stands there.
import { codeOf } from './markdown.mjs'

// A module of its own; what it imports is found from here.
function load (name) {
  const whole = codeOf('front-ends.md', name).replace(/from '([^']+)'/g, (_, module) => `from '${import.meta.resolve(module)}'`)
  return import(`data:text/javascript,${encodeURIComponent(whole)}`)
}

export const { onRefused } = await load('refused')
export const { onSaved } = await load('saved')
