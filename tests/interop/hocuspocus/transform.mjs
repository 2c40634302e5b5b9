// node transform.mjs BASE64: an update of Yjs, as what a backend of Hocuspocus stores: ProseMirror's JSON by field.
import { TiptapTransformer } from '@hocuspocus/transformer'
import * as Y from 'yjs'

const doc = new Y.Doc()
Y.applyUpdate(doc, Buffer.from(process.argv[2], 'base64'))
console.log(JSON.stringify(TiptapTransformer.fromYdoc(doc)))
