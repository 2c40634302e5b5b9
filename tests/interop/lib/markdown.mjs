// The code of the docs, as it stands there.
import { readFileSync } from 'node:fs'

// The block under `<!-- run: TEST as NAME -->` in docs/PAGE.
export function codeOf (page, name) {
  const text = readFileSync(new URL(`../../../docs/${page}`, import.meta.url), 'utf8')
  const marks = [...text.matchAll(/^<!-- run: \S+ as (\S+) -->\n```\w+\n([\s\S]*?)^```$/gm)].filter(([, found]) => found === name)
  if (marks.length !== 1) throw new Error(`docs/${page} has ${marks.length} blocks of the name ${name}`)
  return marks[0][2]
}

// With each of `pairs` [there, instead], all of which must be there: a page that changed is not tried half.
export function replaced (code, ...pairs) {
  for (const [there, instead] of pairs) {
    if (!code.includes(there)) throw new Error(`the page does not say ${there}`)
    code = code.replaceAll(there, instead)
  }
  return code
}
