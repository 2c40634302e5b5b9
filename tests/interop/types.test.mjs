// The types that `freshet schema --typescript` writes, read by the TypeScript compiler.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const tsc = fileURLToPath(new URL('node_modules/typescript/bin/tsc', import.meta.url))

// What is right has to be taken, and each line under an @ts-expect-error refused.
const client = `import type { Events, Inputs, Outputs } from './events'

declare function call<Name extends keyof Inputs>(name: Name, input: Inputs[Name]): void
declare function on<Name extends keyof Events>(name: Name, heard: (data: Events[Name]) => void): void
declare function own<Name extends keyof Outputs>(name: Name, heard: (data: Outputs[Name]) => void): void

call('sendMessage', { message: 'hello', to: [1, 2] })
// @ts-expect-error
call('sendMessage', { to: [1] })
// @ts-expect-error
call('sendMessage', { message: 1 })
// @ts-expect-error
call('sendMassage', { message: 'hello' })
call('shout', 'HEY')
call('bare', { whatever: 1 })

call('everything', { number: 1, more: 'anything', choice: 3, nullable: null, pair: ['a', 1], triple: ['a'] })
call('everything', { number: 1, more: 0, triple: ['a', 1, true, false], closed: {}, open: { a: 1 }, 'half-open': { a: 'a', b: 2 } })
call('everything', { number: 1, more: 0, constant: { kind: 'x', n: [1] }, either: { id: 1 }, one: 2, both: { a: 'a', b: null } })
call('everything', { number: 1, more: 0, list: ['a', 1], lists: ['a', null], things: [1, 'a'], any: 1, elsewhere: 1, lost: 1, odd: 1 })
// @ts-expect-error
call('everything', { number: 1 })
// @ts-expect-error
call('everything', { number: 1, more: 0, choice: 'c' })
// @ts-expect-error
call('everything', { number: 1, more: 0, pair: ['a'] })
// @ts-expect-error
call('everything', { number: 1, more: 0, pair: ['a', 1, 2] })
// @ts-expect-error
call('everything', { number: 1, more: 0, triple: ['a', 1, 2] })
// @ts-expect-error
call('everything', { number: 1, more: 0, closed: { a: 1 } })
// @ts-expect-error
call('everything', { number: 1, more: 0, open: { a: 'a' } })
// @ts-expect-error
call('everything', { number: 1, more: 0, both: { a: 1 } })
// @ts-expect-error
call('everything', { number: 1, more: 0, never: 1 })
// @ts-expect-error
call('everything', { number: 1, more: 0, constant: { kind: 'y', n: [1] } })
// @ts-expect-error
call('everything', { number: 1, more: 0, lists: [1] })

call('tree', { name: 'root', children: [{ name: 'leaf', children: [], whole: { name: 'other', children: [] } }] })
// @ts-expect-error
call('tree', { name: 'root', children: [{ name: 'leaf' }] })

on('message', data => { if ('loud' in data) data.loud satisfies true; else data.message satisfies string })
on('treeChanged', data => { data satisfies unknown })
own('sendMessage', ({ message }) => { message.message satisfies string })
own('bare', nothing => { nothing satisfies Record<string, never> })
`

test('TypeScript takes the types of procedures, and holds clients to them', () => {
  const folder = mkdtempSync(join(tmpdir(), 'freshet-types-'))
  try {
    const plugins = ['platform-ws', 'crdt-native', 'store-sqlite', 'protocol-yjs', process.env.FRESHET_TYPED_APP]
    writeFileSync(join(folder, 'freshet.toml'), '[server]\nlisten = ["127.0.0.1:0"]\n' +
      plugins.map(use => `[[plugin]]\nuse = "${use}"\n`).join(''))
    const types = execFileSync(process.env.FRESHET_BIN, ['schema', '--typescript'], { cwd: folder, encoding: 'utf8' })
    writeFileSync(join(folder, 'events.d.ts'), types)
    writeFileSync(join(folder, 'client.ts'), client)
    const checked = spawnSync(process.execPath,
      [tsc, '--noEmit', '--strict', '--exactOptionalPropertyTypes', '--target', 'es2022', '--module', 'es2022',
        '--moduleResolution', 'bundler', 'client.ts', 'events.d.ts'],
      { cwd: folder, encoding: 'utf8' })
    assert.equal(checked.stdout, '')
    assert.equal(checked.status, 0)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
