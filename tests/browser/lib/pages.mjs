// The pages of ../pages, bundled once, on a port of the loopback.
import { build } from 'esbuild'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../pages/', import.meta.url))
export const editors = ['tiptap', 'prosemirror', 'codemirror', 'quill']

const html = name => `<!doctype html><meta charset="utf-8"><title>${name}</title>
<style>body { font: 16px sans-serif; margin: 2em } #editor { border: 1px solid #bbb; min-height: 6em; padding: .5em }
.collaboration-carets__caret { border-left: 2px solid; margin: 0 -1px; position: relative }
.collaboration-carets__label { color: #fff; font-size: 11px; left: -2px; padding: 0 .3em; position: absolute; top: -1.3em }
</style><link rel="stylesheet" href="${name}.css">
<div id="editor"></div><script src="${name}.js"></script>`

export async function servePages () {
  const { outputFiles } = await build({
    entryPoints: editors.map(name => `${folder}${name}.js`), bundle: true, write: false, outdir: '/', format: 'iife', logLevel: 'error'
  })
  const files = new Map(outputFiles.map(file => [file.path, file.text]))
  for (const name of editors) files.set(`/${name}.html`, html(name))
  return serveFiles(files)
}

// files: path to text. Until close().
export async function serveFiles (files) {
  const server = createServer((request, response) => {
    const path = new URL(request.url, 'http://here').pathname
    const type = { js: 'text/javascript', css: 'text/css', html: 'text/html' }[path.split('.').at(-1)] ?? 'text/plain'
    response.writeHead(files.has(path) ? 200 : 404, { 'content-type': type }).end(files.get(path))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => { server.close(); server.closeAllConnections() } }
}
