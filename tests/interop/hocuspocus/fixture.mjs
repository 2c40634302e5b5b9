// Makes tests/integration/fixtures/hocuspocus.db with the real extension:
//
//   npm ci && npm rebuild better-sqlite3 && node fixture.mjs ../../integration/fixtures/hocuspocus.db
import { existsSync, rmSync } from 'node:fs'
import { SQLite } from '@hocuspocus/extension-sqlite'
import { Server } from '@hocuspocus/server'
import { TiptapTransformer } from '@hocuspocus/transformer'
import * as Y from 'yjs'

const database = process.argv[2]
if (existsSync(database)) rmSync(database)
const server = new Server({ address: '127.0.0.1', port: 0, quiet: true, debounce: 0, extensions: [new SQLite({ database })] })
await server.listen()

async function write (name, ...edits) {
  const connection = await server.hocuspocus.openDirectConnection(name)
  for (const edit of edits) await connection.transact(edit)
  await connection.disconnect()
}

const article = {
  type: 'doc',
  content: [
    { type: 'heading', attrs: { level: 1 }, content: [{ type: 'text', text: 'Plans' }] },
    { type: 'paragraph', content: [{ type: 'text', text: 'Grüße ' }, { type: 'text', text: 'fett', marks: [{ type: 'bold' }] }] }
  ]
}
await write('plans/2026 é', doc => Y.applyUpdate(doc, Y.encodeStateAsUpdate(TiptapTransformer.toYdoc(article, 'default'))))
await write('edited', doc => doc.getText('t').insert(0, 'a sentence that mostly goes'), doc => doc.getText('t').delete(2, 20))
await write('emptied', doc => doc.getText('t').insert(0, 'nothing stays'), doc => doc.getText('t').delete(0, 13))
await write('opened', doc => doc.getText('t'))
await server.destroy()
