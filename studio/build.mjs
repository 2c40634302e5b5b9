// node build.mjs FOLDER [DEPFILE]: the bundles of both pages, into FOLDER. DEPFILE: what they were made of, as ninja reads it.
import { build } from 'esbuild'
import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))
const [folder = 'dist', depfile] = process.argv.slice(2)
const plain = { 'studio.html': 'src/studio.html', 'demo.html': 'demo/demo.html', 'icon.svg': 'src/icon.svg' }

await mkdir(folder, { recursive: true })
const { metafile } = await build({
  absWorkingDir: here,
  entryPoints: { studio: 'src/main.jsx', demo: 'demo/demo.js' },
  outdir: resolve(folder),
  bundle: true,
  minify: true,
  metafile: true,
  format: 'iife',
  target: ['es2022', 'chrome105', 'firefox115', 'safari16'],
  jsx: 'automatic',
  jsxImportSource: 'preact',
  legalComments: 'none',
  logLevel: 'warning'
})
for (const [name, source] of Object.entries(plain)) await copyFile(join(here, source), join(folder, name))

if (depfile) {
  const inputs = [...Object.keys(metafile.inputs), ...Object.values(plain), 'build.mjs', 'package-lock.json']
  const escaped = path => path.replaceAll(' ', '\\ ')
  const paths = inputs.map(path => escaped(relative(process.cwd(), join(here, path))))
  await writeFile(depfile, `${escaped(join(folder, 'studio.js'))}: ${paths.join(' ')}\n`)
}
