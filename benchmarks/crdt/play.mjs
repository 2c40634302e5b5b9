// Has an engine do what a script says. An engine (engines/) makes replicas:
//
//   replica(id, hear): insert, remove, item, set: an edit each, and `hear` gets its update
//     apply(update), applyAll(updates), length() of the text, content(), state(), smallest(), free()
//     together(edits), where an engine is lost without it: all of them in one transaction
//   load(state): a replica that has it
import { isEdit } from './script.mjs'

const edits = {
  insert: (who, { at, text }) => {
    who.replica.insert(Math.min(at, who.length), text)
    who.length += text.length
  },
  remove: (who, { at, count }) => {
    const from = Math.min(at, who.length)
    const units = Math.min(count, who.length - from)
    if (units > 0) who.replica.remove(from, units)
    who.length -= units
  },
  listNumber: (who, { at, value }) => who.replica.item(at, value),
  listString: (who, { at, text }) => who.replica.item(at, text),
  setNumber: (who, { key, value }) => who.replica.set(key, value),
  setString: (who, { key, text }) => who.replica.set(key, text)
}

// Asking the time costs more than some engines' edits.
const BETWEEN_LOOKS = 32

// -> authors, updates in the order they were made, how many of `edits` were made one by one. When
// it is `overdue()`, an engine that can makes the others together: their update is the last one.
export const play = (steps, engine, overdue = () => false) => {
  const authors = []
  const updates = []
  const by = []
  let [who, told, made] = [undefined, 0, 0]
  const lastMeeting = steps.findLastIndex(step => !isEdit(step)) // or the last change of authors
  const come = ({ number, id }) => {
    authors[number] ??= { number, length: 0, replica: engine.replica(id, update => { by.push(number); updates.push(update) }) }
    who = authors[number]
  }
  const meet = () => {
    const upTo = updates.length
    for (const author of authors) {
      const others = []
      for (let i = told; i < upTo; i++) if (by[i] !== author.number) others.push(updates[i])
      if (others.length > 0) author.replica.applyAll(others)
      author.length = author.replica.length()
    }
    told = upTo
  }
  for (let i = 0; i < steps.length; i++) {
    const step = steps[i]
    if (step.do === 'author') come(step)
    else if (step.do === 'meet') meet()
    else if (made % BETWEEN_LOOKS === 0 && i > lastMeeting && who.replica.together && overdue()) {
      who.replica.together(() => { for (; i < steps.length; i++) edits[steps[i].do](who, steps[i]) })
    } else {
      edits[step.do](who, step)
      made++
    }
  }
  return { authors, updates, made }
}

// One by one, as a server gets them. -> how many there was time for.
export const applyEach = (replica, updates, overdue = () => false) => {
  for (let i = 0; i < updates.length; i++) {
    if (i % BETWEEN_LOOKS === 0 && overdue()) return i
    replica.apply(updates[i])
  }
  return updates.length
}
