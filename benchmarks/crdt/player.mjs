// node --expose-gc player.mjs ENGINE write SCRIPT STATE CONTENT: has the engine do what the script says.
// node --expose-gc player.mjs ENGINE load STATE CONTENT COPIES: what it takes to have that state;
// without its memory if there are to be no copies.
//
// Prints a line of JSON, as player.cc does for Freshet: times in ns, sizes in bytes. Writes the
// document's STATE, and what is in it as JSON to CONTENT. Environment: BUDGET_S (1) of repeating, and
// LIMIT_S (5) for edits and for updates one by one; `edited` and `applied` say how many of them
// there was time for.
import fs from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { applyEach, play } from './play.mjs'
import { isEdit, readScript } from './script.mjs'
import { median } from './figures.mjs'

const [name, what, ...rest] = process.argv.slice(2)
const budget_ns = Number(process.env.BUDGET_S ?? 1) * 1e9
const limit_ns = Number(process.env.LIMIT_S ?? 5) * 1e9
const MOST_REPETITIONS = 15
// Whoever only reads has an id, too.
const READER = 77

const since = start => Number(process.hrtime.bigint() - start)
const deadline = () => { const start = process.hrtime.bigint(); return () => since(start) > limit_ns }
const timed = work => { const start = process.hrtime.bigint(); const result = work(); return [since(start), result] }

// Once, and again while that is quick; -> of each figure the median. What is not slow is done three
// times at least: the first time V8 has yet to learn what to compile.
const FEW_REPETITIONS = 3
const SLOW_NS = 1e9
const repeated = once => {
  const start = process.hrtime.bigint()
  const samples = [once(true)]
  const few = since(start) < SLOW_NS ? FEW_REPETITIONS : 1
  while (samples.length < MOST_REPETITIONS && (samples.length < few || since(start) < budget_ns)) samples.push(once(false))
  return Object.fromEntries(Object.keys(samples[0]).map(key => [key, median(samples.map(sample => sample[key]))]))
}

const must = (ok, what) => { if (!ok) throw new Error(what) }

// Who worked alone, or met the others in the end, has what a reader has.
const all_met = (steps, authors) => authors.length === 1 || steps.at(-1).do === 'meet'

const write = (engine, script, stateFile, contentFile) => {
  const steps = readScript(script)
  const edits = steps.filter(isEdit).length
  const once = first => {
    const [edit_ns, { authors, updates, made }] = timed(() => play(steps, engine, deadline()))
    const reader = engine.replica(READER)
    const [apply_ns, applied] = timed(() => applyEach(reader, updates, deadline()))
    const late = engine.replica(READER)
    const [together_ns] = timed(() => late.applyAll(updates))
    const [encode_ns, state] = timed(() => late.state())
    if (first) {
      const content = late.content()
      must(applied < updates.length || isDeepStrictEqual(reader.content(), content), 'one by one it ends elsewhere than all at once')
      must(!all_met(steps, authors) || isDeepStrictEqual(authors[0].replica.content(), content), 'a reader ends elsewhere than an author')
      fs.writeFileSync(contentFile, JSON.stringify(content))
      fs.writeFileSync(stateFile, state)
    }
    const own = updates.slice(0, made)
    const figures = {
      edits, edited: made, applied, updates: updates.length, edit_ns, apply_ns, together_ns, encode_ns,
      update_bytes: own.reduce((sum, update) => sum + update.length, 0) / own.length,
      state_bytes: state.length,
      smallest_bytes: (late.smallest?.() ?? state).length
    }
    for (const replica of [...authors.map(author => author.replica), reader, late]) replica.free()
    return figures
  }
  return repeated(once)
}

// What is alive: objects, and the memory of WebAssembly. Resident memory would count what the heap
// keeps free as well.
const alive_bytes = async () => {
  let least = Infinity
  for (let tries = 0; tries < 20; tries++) {
    globalThis.gc()
    await new Promise(resolve => setTimeout(resolve, 10))
    const { heapUsed, external } = process.memoryUsage()
    if (heapUsed + external > least - 4096) return least
    least = heapUsed + external
  }
  return least
}

// An edit in the middle of what there is. Engines may put off until the first one what others do
// while they load.
const touch = (replica, { text, list }) => {
  if (text.length > 0) replica.insert(text.length >> 1, 'x')
  else if (list.length > 0) replica.item(list.length >> 1, 1)
  else replica.set('key', 1)
}

// Of documents that were loaded and read, and then edited. The first ones bring what all further ones
// share: code, tables, room that loading needs.
const memory = async (open, content, copies) => {
  const first = Array.from({ length: 1 + (copies >> 2) }, open)
  const none = await alive_bytes()
  const more = Array.from({ length: copies }, open)
  const loaded = await alive_bytes()
  for (const replica of first) touch(replica, content)
  const before = await alive_bytes()
  for (const replica of more) touch(replica, content)
  const edited = await alive_bytes()
  for (const replica of [...first, ...more]) replica.free()
  const memory_bytes = (loaded - none) / copies
  return { memory_bytes, in_use_bytes: memory_bytes + (edited - before) / copies, copies }
}

const load = async (engine, stateFile, contentFile, copies) => {
  const state = new Uint8Array(fs.readFileSync(stateFile))
  const opened = () => {
    const replica = engine.load(state)
    return [replica, replica.content()]
  }
  const [one, content] = opened()
  one.free()
  fs.writeFileSync(contentFile, JSON.stringify(content))
  const held = Number(copies) > 0 ? await memory(() => opened()[0], content, Number(copies)) : {}
  const times = repeated(() => {
    const [load_ns, [replica]] = timed(opened)
    const [touch_ns] = timed(() => touch(replica, content))
    replica.free()
    return { load_ns, ready_ns: load_ns + touch_ns }
  })
  return { ...held, ...times }
}

const { open } = await import(`./engines/${name}.mjs`)
const figures = await { write, load }[what](open(), ...rest)
console.log(JSON.stringify(figures))
process.exit(0)
