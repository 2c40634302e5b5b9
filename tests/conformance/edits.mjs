// Random edits of all shared types in the words of the driver protocol (HARNESS.md of the corpora), and
// how the real yjs makes them.

// Root names and kinds.
export const roots = { t: 'text', l: 'array', m: 'map', x: 'xmlfragment' }

export const show = (Y, doc, name, kind) => doc.get(name, { text: Y.Text, array: Y.Array, map: Y.Map, xmlfragment: Y.XmlFragment }[kind])

// Numbers from a seed of any text: mulberry32 over an FNV hash.
export const dice = seed => {
  let state = 0x811c9dc5
  for (const byte of Buffer.from(seed)) state = Math.imul(state ^ byte, 16777619)
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return (t ^ (t >>> 14)) >>> 0
  }
  const below = n => next() % n
  return { below, pick: list => list[below(list.length)] }
}

// ---- what yjs makes of a tagged value ----------------------------------------------------------

const valueOf = tagged => {
  if (Array.isArray(tagged)) return tagged.map(valueOf)
  if (tagged === null || typeof tagged !== 'object') return tagged
  if ('$u' in tagged) return undefined
  if ('$b' in tagged) return new Uint8Array(Buffer.from(tagged.$b, 'base64'))
  if ('$i' in tagged) return BigInt(tagged.$i)
  return Object.fromEntries(Object.entries(tagged).map(([key, value]) => [key, valueOf(value)]))
}

const deltaOf = delta => delta.map(step => ({ ...step, ...(step.attributes ? { attributes: valueOf(step.attributes) } : {}), ...(step.insert !== undefined ? { insert: valueOf(step.insert) } : {}) }))

const contentOf = (Y, tagged) => {
  if (tagged === null || typeof tagged !== 'object' || !tagged.$new) return valueOf(tagged)
  const fill = (type, list) => { if (list?.length) type.insert(0, list.map(one => contentOf(Y, one))); return type }
  switch (tagged.$new) {
    case 'array': return fill(new Y.Array(), tagged.items)
    case 'map': return new Y.Map((tagged.entries ?? []).map(([key, value]) => [key, contentOf(Y, value)]))
    case 'xmlfragment': return fill(new Y.XmlFragment(), tagged.children)
    case 'xmlelement': {
      const element = fill(new Y.XmlElement(tagged.name), tagged.children)
      for (const [key, value] of tagged.attrs ?? []) element.setAttribute(key, contentOf(Y, value))
      return element
    }
    case 'xmlhook': {
      const hook = new Y.XmlHook(tagged.name)
      for (const [key, value] of tagged.entries ?? []) hook.set(key, contentOf(Y, value))
      return hook
    }
    case 'doc': return new Y.Doc({ guid: tagged.guid, gc: tagged.gc ?? true, autoLoad: tagged.autoLoad ?? false, meta: tagged.meta === undefined ? null : valueOf(tagged.meta) })
    default: {
      const text = tagged.$new === 'text' ? new Y.Text() : new Y.XmlText()
      if (tagged.delta) text.applyDelta(deltaOf(tagged.delta))
      return text
    }
  }
}

const typeAt = (Y, doc, [root, ...path]) => path.reduce((type, step) => type.get(step), show(Y, doc, root, roots[root]))

export const play = (Y, doc, op) => {
  const type = typeAt(Y, doc, op.p)
  // Yjs remembers places of earlier edits, and which tombstones a place is behind depends on them. The
  // protocol says: right behind what is visible.
  if (type._searchMarker) type._searchMarker.length = 0
  const formats = op.a && valueOf(op.a)
  switch (op.o) {
    case 't.ins': return type.insert(op.i, op.s, formats)
    case 't.emb': return type.insertEmbed(op.i, contentOf(Y, op.v), formats ?? {})
    case 't.del': return type.delete(op.i, op.n)
    case 't.fmt': return type.format(op.i, op.n, formats)
    case 't.delta': return type.applyDelta(deltaOf(op.d))
    case 'a.ins': return type.insert(op.i, op.v.map(one => contentOf(Y, one)))
    case 'a.push': return type.push(op.v.map(one => contentOf(Y, one)))
    case 'a.del': return type.delete(op.i, op.n)
    case 'm.set': return type.set(op.k, contentOf(Y, op.v))
    case 'm.del': return type.delete(op.k)
    case 'm.clear': return type.clear()
    case 'attr.set': return type.setAttribute(op.k, contentOf(Y, op.v))
    case 'attr.del': return type.removeAttribute(op.k)
  }
  throw new Error(`no such edit: ${op.o}`)
}

// ---- random edits ------------------------------------------------------------------------------

const TEXTS = ['a', 'bc', ' ', 'hello', 'one two', '\n', 'ж', 'ß', '中文', '😀', 'x😀y', '👩‍👩‍👧', '\u0000', '"<&>"', 'e\u0301']
const VALUES = [0, 1, -1, 63, 64, -64, 2 ** 31, -(2 ** 31), 2 ** 32, 2 ** 53 - 1, 0.5, -1.25, 1e300, true, false, null, '', 'text', '😀', [], [1, [2, null]], {}, { a: 1 }, { b: { c: [true] }, 2: 'x', 1: 'y' }]
const FORMATS = { bold: [true, null], color: ['red', 'blue', null], link: [{ href: 'a', n: 1 }, { href: 'b' }, null], size: [1, 2.5, null] }
const KEYS = ['a', 'b', 'k', '', 'ключ']
const NAMES = ['p', 'div', 'H1']

const value = roll => {
  const die = roll.below(12)
  if (die === 0) return { $b: Buffer.from([roll.below(256), 0, 255]).toString('base64') }
  if (die === 1) return { deep: [{ $u: 1 }, { $i: '-9007199254740993' }, { $b: 'AAE=' }] }
  return roll.pick(VALUES)
}
const formatsOf = (roll, ends = true) => {
  const key = roll.pick(Object.keys(FORMATS))
  const values = FORMATS[key]
  return { [key]: values[roll.below(ends ? values.length : values.length - 1)] }
}

const newXml = (roll, depth) => {
  const children = () => depth > 0 ? Array.from({ length: roll.below(3) }, () => newXml(roll, depth - 1)) : []
  switch (roll.below(6)) {
    case 0: return { $new: 'xmlhook', name: 'hook', entries: [['k', value(roll)]] }
    case 1: return { $new: 'xmlfragment', children: children() }
    case 2:
    case 3: return { $new: 'xmltext', delta: [{ insert: roll.pick(TEXTS) }] }
    default: return { $new: 'xmlelement', name: roll.pick(NAMES), attrs: roll.below(2) ? [['id', roll.pick(TEXTS)]] : [], children: children() }
  }
}
const content = (roll, profile, depth = profile.depth) => {
  if (depth <= 0 || roll.below(3) > 0) return value(roll)
  const some = make => Array.from({ length: roll.below(3) }, make)
  switch (roll.below(5)) {
    case 0: return { $new: 'array', items: some(() => content(roll, profile, depth - 1)) }
    case 1: return { $new: 'map', entries: some(() => content(roll, profile, depth - 1)).map((one, i) => [KEYS[i], one]) }
    case 2: return { $new: 'text', delta: [{ insert: roll.pick(TEXTS), ...(profile.formats && roll.below(2) ? { attributes: formatsOf(roll, false) } : {}) }] }
    case 3: return { $new: 'doc', guid: `guid-${roll.below(1e6)}`, autoLoad: roll.below(2) === 1, ...(roll.below(2) ? { meta: { title: 'x' } } : {}), ...(roll.below(3) ? {} : { gc: false }) }
    default: return newXml(roll, depth - 1)
  }
}

// An index that cuts no pair of surrogates, unless the history may.
const whole = (text, at, profile) => {
  if (profile.halves) return at
  const units = text.toDelta().map(({ insert }) => typeof insert === 'string' ? insert : '\ufffc').join('')
  const code = units.charCodeAt(at)
  return at > 0 && code >= 0xdc00 && code < 0xe000 ? at - 1 : at
}
const stretch = (text, roll, profile, most) => {
  const from = roll.below(text.length)
  const to = Math.min(text.length, from + 1 + roll.below(most))
  const i = whole(text, from, profile)
  const end = whole(text, to, profile)
  return end > i ? { i, n: end - i } : null
}

const editText = (type, roll, profile) => {
  const at = whole(type, roll.below(type.length + 1), profile)
  const formatted = profile.formats && roll.below(2) === 0
  switch (type.length === 0 ? 0 : roll.below(10)) {
    case 5:
    case 6: return { o: 't.del', ...stretch(type, roll, profile, 6) }
    // Formats that say nothing new are not written, but yjs has cut the text for them, and whom nobody
    // tells of a cut pair keeps it whole. So formats cut none.
    case 7: return profile.formats ? { o: 't.fmt', ...stretch(type, roll, { halves: false }, 12), a: formatsOf(roll) } : null
    case 8: return { o: 't.emb', i: at, v: { image: roll.pick(TEXTS) }, ...(formatted ? { a: formatsOf(roll) } : {}) }
    case 9: {
      const kept = stretch(type, roll, profile, 5)
      if (kept === null || profile.halves) return null
      const change = roll.below(2) ? { delete: kept.n } : { retain: kept.n, ...(formatted ? { attributes: formatsOf(roll) } : {}) }
      return { o: 't.delta', d: [...(kept.i > 0 ? [{ retain: kept.i }] : []), { insert: roll.pick(TEXTS), ...(formatted ? { attributes: formatsOf(roll) } : {}) }, change] }
    }
    default: return { o: 't.ins', i: at, s: roll.pick(TEXTS), ...(formatted ? { a: formatsOf(roll) } : {}) }
  }
}
const editList = (type, roll, make, { attributes = false, pushes = true } = {}) => {
  const length = type.length
  const die = roll.below(length === 0 ? 5 : 8)
  if (die >= 5) {
    const i = roll.below(length)
    return { o: 'a.del', i, n: 1 + roll.below(Math.min(3, length - i)) }
  }
  if (die === 4 && attributes) return roll.below(4) ? { o: 'attr.set', k: roll.pick(['id', 'class']), v: roll.pick(TEXTS) } : { o: 'attr.del', k: 'id' }
  if (die === 4) return pushes ? { o: 'a.push', v: [make()] } : { o: 'a.ins', i: length, v: [make()] }
  return { o: 'a.ins', i: roll.below(length + 1), v: Array.from({ length: 1 + roll.below(3) }, make) }
}
const editMap = (roll, profile) => {
  const die = roll.below(12)
  if (die === 0) return { o: 'm.clear' }
  return die < 4 ? { o: 'm.del', k: roll.pick(KEYS) } : { o: 'm.set', k: roll.pick(KEYS), v: content(roll, profile) }
}

const MOST_TYPES = 40
const typesOf = (Y, doc) => {
  const found = []
  const visit = (type, p) => {
    if (found.length >= MOST_TYPES) return
    found.push({ type, p })
    if (type instanceof Y.Text) return
    const inside = type instanceof Y.Map ? [...type.entries()].sort(([a], [b]) => a < b ? -1 : 1) : type.toArray().entries()
    for (const [step, one] of inside) if (one instanceof Y.AbstractType) visit(one, [...p, step])
  }
  for (const [name, kind] of Object.entries(roots)) visit(show(Y, doc, name, kind), [name])
  return found
}

// One edit of what a document shows, or null when the dice ask for one that cannot be.
export const randomEdit = (Y, doc, roll, profile) => {
  const all = typesOf(Y, doc)
  const { type, p } = all[roll.below(roll.below(2) ? 4 : all.length)] ?? all[0]
  const edit = type instanceof Y.Text ? editText(type, roll, profile)
    : type instanceof Y.Map ? editMap(roll, profile)
      : type instanceof Y.Array ? editList(type, roll, () => content(roll, profile))
        // Of a root the engine does not know that it is XML, and would push as to an array.
        : editList(type, roll, () => newXml(roll, profile.depth), { attributes: type instanceof Y.XmlElement, pushes: p.length > 1 })
  return edit && edit.i === undefined && ['t.del', 't.fmt'].includes(edit.o) ? null : edit && { ...edit, p }
}
