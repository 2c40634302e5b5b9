// The document as it is stored: a tree, and its text.
import { useRef, useState } from 'preact/hooks'
import { ask, get, roomPath } from '../../live/admin.js'
import { brief, bytes, count } from '../../parts/format.js'
import { listOf } from '../../parts/given.js'
import { Loaded, useLoaded } from '../../parts/loaded.jsx'

const kNodes = 2000
const kTextBytes = 1 << 20
const kOpenDepth = 2

export function DocumentPart ({ name, now }) {
  const [form, setForm] = useState('tree')
  const { version, bytes: size } = now?.document ?? {}
  const current = version ?? size ?? null // an edit need not move the bytes
  const read = useRef(null) // which was current then, or became known first
  read.current ??= current
  const loaded = useLoaded(async () => {
    read.current = current
    const value = form === 'tree' ? await get(roomPath(name, `/outline?limit=${kNodes}`)) : await (await ask('GET', roomPath(name, '/json'))).text()
    return { form, value }
  }, [name, form])
  const changed = loaded.value !== null && current !== null && read.current !== current
  return (
    <>
      <div class='bar'>
        <fieldset class='choice'>
          <legend class='hidden'>Form</legend>
          {['tree', 'text'].map(id => <label key={id}><input type='radio' name='form' value={id} checked={id === form} onChange={() => setForm(id)} />{id}</label>)}
        </fieldset>
        <button type='button' onClick={loaded.again} disabled={loaded.loading}>{changed ? 'It has changed: read it again' : 'Read again'}</button>
        {size > 0 ? <span class='quiet'>{bytes(size)} in memory</span> : null}
      </div>
      <Loaded of={loaded}>{({ form: made, value }) => made !== form ? null : form === 'tree' ? <Tree outline={value} /> : <Text json={value} />}</Loaded>
    </>
  )
}

function Tree ({ outline }) {
  const roots = listOf(outline?.roots)
  if (roots.length === 0) return <p class='quiet'>The document is empty.</p>
  return (
    <ul class='tree' aria-label='The document'>
      {roots.map((node, i) => <Node key={i} node={node} depth={0} />)}
      {outline.more > 0 ? <li class='quiet'>and {count(outline.more)} more</li> : null}
    </ul>
  )
}

function titleOf (node) {
  const { name, kind, tag, length, text, attributes } = node
  const entries = Object.entries(attributes ?? {})
  return (
    <>
      {name === undefined || name === null ? null : <b class='name'>{name}</b>}
      <span class='kind'>{tag ? `<${tag}>` : kind}</span>
      {length > 0 && kind !== 'value' ? <span class='quiet'>{count(length)}</span> : null}
      {entries.map(([key, value]) => <span class='attribute' key={key}>{key}=<span>{brief(value, 60)}</span></span>)}
      {text ? <span class='text'>{brief(text, 400)}</span> : null}
      {kind === 'value' ? <code>{brief(node.value === undefined ? 'undefined' : node.value, 400)}</code> : null}
    </>
  )
}

// Children are made when it is opened, so that a large tree costs what is seen of it.
function Node ({ node, depth }) {
  const [open, setOpen] = useState(depth < kOpenDepth)
  const children = listOf(node.children)
  const more = node.more ?? 0
  if (children.length === 0 && more === 0) return <li>{titleOf(node)}</li>
  return (
    <li>
      <details open={open} onToggle={event => setOpen(event.currentTarget.open)}>
        <summary>{titleOf(node)}</summary>
        {open
          ? (
            <ul>
              {children.map((child, i) => <Node key={i} node={child} depth={depth + 1} />)}
              {more > 0 ? <li class='quiet'>and {count(more)} more</li> : null}
            </ul>)
          : null}
      </details>
    </li>
  )
}

function pretty (json) {
  if (json.length > kTextBytes) return `${json.slice(0, kTextBytes)}\n… (${bytes(json.length)} in all; Export has it whole)`
  try { return JSON.stringify(JSON.parse(json), null, 2) } catch { return json }
}

const Text = ({ json }) => <pre class='text' tabIndex={0} aria-label='The document as JSON'>{pretty(json)}</pre>
