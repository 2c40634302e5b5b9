// The document as it is stored: a tree, and its text.
import { useState } from 'preact/hooks'
import { ask, get, roomPath } from '../../live/admin.js'
import { brief, bytes, count } from '../../parts/format.js'
import { Loaded, useLoaded } from '../../parts/loaded.jsx'

const kNodes = 2000
const kTextBytes = 1 << 20
const kOpenDepth = 2

export function DocumentPart ({ name, now }) {
  const [form, setForm] = useState('tree')
  const changed = now?.document?.bytes
  const loaded = useLoaded(async () => {
    const at = changed
    const value = form === 'tree' ? await get(roomPath(name, `/outline?limit=${kNodes}`)) : await (await ask('GET', roomPath(name, '/json'))).text()
    return { at, form, value }
  }, [name, form])
  return (
    <>
      <div class='bar'>
        <fieldset class='choice'>
          <legend class='hidden'>Form</legend>
          {['tree', 'text'].map(id => <label key={id}><input type='radio' name='form' value={id} checked={id === form} onChange={() => setForm(id)} />{id}</label>)}
        </fieldset>
        <button type='button' onClick={loaded.again} disabled={loaded.loading}>{loaded.value && loaded.value.at !== changed ? 'It has changed: read it again' : 'Read again'}</button>
        <span class='quiet'>{changed === undefined ? '' : bytes(changed)} in memory</span>
      </div>
      <Loaded of={loaded}>{({ form: made, value }) => made !== form ? null : form === 'tree' ? <Tree outline={value} /> : <Text json={value} />}</Loaded>
    </>
  )
}

function Tree ({ outline }) {
  const roots = outline.roots ?? []
  if (roots.length === 0) return <p class='quiet'>The document is empty.</p>
  return (
    <ul class='tree' aria-label='The document'>
      {roots.map((node, i) => <Node key={i} node={node} depth={0} />)}
      {outline.more > 0 ? <li class='quiet'>and {count(outline.more)} more</li> : null}
    </ul>
  )
}

function titleOf (node) {
  const { name, kind = '', tag, length, attributes = {} } = node
  const entries = Object.entries(attributes)
  return (
    <>
      {name === undefined || name === null ? null : <b class='name'>{name}</b>}
      <span class='kind'>{tag ? `<${tag}>` : kind}</span>
      {length > 0 && kind !== 'value' ? <span class='quiet'>{count(length)}</span> : null}
      {entries.map(([key, value]) => <span class='attribute' key={key}>{key}=<span>{brief(value, 60)}</span></span>)}
      {node.text === undefined || node.text === '' ? null : <span class='text'>{brief(node.text, 400)}</span>}
      {kind === 'value' ? <code>{brief(node.value === undefined ? 'undefined' : node.value, 400)}</code> : null}
    </>
  )
}

// Children are made when it is opened, so that a large tree costs what is seen of it.
function Node ({ node, depth }) {
  const [open, setOpen] = useState(depth < kOpenDepth)
  const { children = [], more = 0 } = node
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
