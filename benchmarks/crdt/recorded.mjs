// A recorded text as a script: what its updates, one after the other, did to it.
import * as Y from 'yjs'
import { author, insert, remove } from './script.mjs'

export const scriptOf = (updates, id) => {
  const doc = new Y.Doc()
  const text = doc.getText('text')
  const steps = [author(0, id)]
  text.observe(({ delta }) => {
    let at = 0
    for (const part of delta) {
      if (part.retain !== undefined) at += part.retain
      else if (part.delete !== undefined) steps.push(remove(at, part.delete))
      else { steps.push(insert(at, part.insert)); at += part.insert.length }
    }
  })
  for (const update of updates) Y.applyUpdate(doc, update)
  return steps
}
