// What a document shows, in the tagged values of the driver protocol (HARNESS.md of the corpora).

const pairs = (Y, object) => Object.entries(object ?? {}).map(([key, value]) => [key, tagged(Y, value)])

const runs = (Y, text) => text.toDelta().map(({ insert, attributes }) => ({
  ...(typeof insert === 'string' ? { s: insert } : { e: tagged(Y, insert) }),
  a: pairs(Y, attributes)
}))

export const tagged = (Y, value) => {
  if (value === undefined) return { $u: 1 }
  if (typeof value === 'bigint') return { $i: String(value) }
  if (value === null || typeof value !== 'object') return value
  if (value instanceof Uint8Array) return { $b: Buffer.from(value).toString('base64') }
  const all = list => list.map(one => tagged(Y, one))
  if (Array.isArray(value)) return all(value)
  if (value instanceof Y.Doc) return { $t: 'doc', guid: value.guid, opts: { ...(value.gc ? {} : { gc: false }), ...(value.autoLoad ? { autoLoad: true } : {}), ...(value.meta === null ? {} : { meta: tagged(Y, value.meta) }) } }
  if (value instanceof Y.XmlHook) return { $t: 'xmlhook', n: value.hookName, v: pairs(Y, Object.fromEntries(value.entries())) }
  if (value instanceof Y.Map) return { $t: 'map', v: pairs(Y, Object.fromEntries(value.entries())) }
  if (value instanceof Y.Array) return { $t: 'array', v: all(value.toArray()) }
  if (value instanceof Y.Text) return { $t: value instanceof Y.XmlText ? 'xmltext' : 'text', d: runs(Y, value), a: pairs(Y, value.getAttributes()) }
  if (value instanceof Y.XmlElement) return { $t: 'xmlelement', n: value.nodeName, c: all(value.toArray()), a: pairs(Y, value.getAttributes()) }
  if (value instanceof Y.XmlFragment) return { $t: 'xmlfragment', c: all(value.toArray()) }
  return Object.fromEntries(pairs(Y, value))
}

const byKey = list => [...list].map(([key, value]) => [key, tidy(value)]).sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0)

// Runs of text with the same formats are one, and keys are in order, so that two can be compared.
const joined = delta => {
  const out = []
  for (const run of delta) {
    const next = { ...run, a: byKey(run.a ?? []) }
    const last = out.at(-1)
    if (last?.s !== undefined && next.s !== undefined && JSON.stringify(last.a) === JSON.stringify(next.a)) last.s += next.s
    else out.push('e' in next ? { ...next, e: tidy(next.e) } : next)
  }
  return out
}

export const tidy = value => {
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map(tidy)
  switch (value.$t) {
    case undefined: return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, tidy(one)]))
    case 'array': return { ...value, v: value.v.map(tidy) }
    case 'map':
    case 'xmlhook': return { ...value, v: byKey(value.v) }
    case 'doc': return { ...value, opts: tidy(value.opts) }
    case 'text':
    case 'xmltext': return { $t: value.$t, d: joined(value.d), a: byKey(value.a ?? []) }
    default: return { ...value, c: value.c.map(tidy), a: byKey(value.a ?? []) }
  }
}
