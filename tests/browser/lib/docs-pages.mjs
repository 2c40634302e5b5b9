// The pages that docs/editors.md makes of its modules, bundled as a reader's would be, on a port of the loopback.
//
// A page is asked for as /EDITOR-WIRE.html, and its address says who is served: url, room, user, token, read. Those stand in the
// module of the docs as a reader would have them; here they come from the address.
import { build } from 'esbuild'
import { fileURLToPath } from 'node:url'
import { codeOf, replaced } from '../../interop/lib/markdown.mjs'
import { serveFiles } from './pages.mjs'

const here = fileURLToPath(new URL('../', import.meta.url))
const asked = name => `(new URLSearchParams(location.search).get('${name}') ?? '')`
const editor = name => codeOf('editors.md', name)

const connections = {
  'y-websocket': () => replaced(editor('connect'), ["'ws://127.0.0.1:4747/yjs'", asked('url')], ["'notes', doc, { params", `${asked('room')}, doc, { disableBc: true, params`]),
  hocuspocus: () => replaced(editor('connect-hocuspocus'), ["'ws://127.0.0.1:4747/hocuspocus'", asked('url')], ["'notes'", asked('room')])
}
const ours = code => replaced(code, ["'Ann'", asked('user')], ['mayWrite = true', `mayWrite = ${asked('read')} === ''`], ["token: ''", `token: ${asked('token')}`])
const status = { 'y-websocket': 'status', hocuspocus: 'status-hocuspocus' }

// What `import './NAME.js'` means in a page.
const modules = (name, wire) => ({
  './editor.js': () => editor(name),
  './connect.js': () => ours(connections[wire]()),
  './told.js': () => codeOf('front-ends.md', 'refused') + codeOf('front-ends.md', 'saved').replace("import * as decoding from 'lib0/decoding'\n", ''),
  './status.js': () => editor(status[wire])
})

const fromTheDocs = (name, wire) => ({
  name: 'docs',
  setup (bundle) {
    const there = modules(name, wire)
    const isOurs = ({ path, importer, namespace }) => path in there && (importer === '<stdin>' || namespace === 'docs')
    bundle.onResolve({ filter: /^\.\// }, found => isOurs(found) ? { path: found.path, namespace: 'docs' } : undefined)
    bundle.onLoad({ filter: /.*/, namespace: 'docs' }, ({ path }) => ({ contents: there[path](), loader: 'jsx', resolveDir: here }))
  }
})

const html = (name, css) => `<!doctype html><meta charset="utf-8"><title>${name}</title><link rel="stylesheet" href="${name}.css">
<style>${css}</style><div id="editor"></div><p id="status"></p><script src="${name}.js"></script>`

async function bundled (name, wire) {
  const { outputFiles } = await build({
    stdin: { contents: "import './status.js'\nimport './editor.js'", resolveDir: here },
    plugins: [fromTheDocs(name, wire)],
    bundle: true,
    write: false,
    outfile: `/${name}-${wire}.js`,
    format: 'iife',
    jsx: 'automatic',
    conditions: ['style'], // as Vite has it: where BlockNote's styles are
    loader: { '.ttf': 'dataurl', '.woff2': 'dataurl' },
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'error'
  })
  return outputFiles
}

// Serves the pages that were made, until close(). make() takes seconds: much of an editor is not what a page shows.
export async function serveDocs () {
  const files = new Map()
  const server = await serveFiles(files)
  const make = async (name, wire) => {
    for (const file of await bundled(name, wire)) files.set(file.path, file.text)
    files.set(`/${name}-${wire}.html`, html(`${name}-${wire}`, name === 'monaco' ? editor('monaco-carets') : ''))
  }
  return { ...server, make }
}
