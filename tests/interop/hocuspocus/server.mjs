// node server.mjs '{"port", "database", "webhook"}': Hocuspocus as its documentation sets it up, with its store in an SQLite
// file and its webhooks, each if it is asked for. Says "listening" when it does; ends in order at SIGTERM.
import { SQLite } from '@hocuspocus/extension-sqlite'
import { Webhook } from '@hocuspocus/extension-webhook'
import { Server } from '@hocuspocus/server'

const { port, database, webhook } = JSON.parse(process.argv[2])
const extensions = []
if (database) extensions.push(new SQLite({ database }))
if (webhook) extensions.push(new Webhook(webhook))
const server = new Server({ address: '127.0.0.1', port, quiet: true, debounce: 100, maxDebounce: 200, extensions })
await server.listen()
console.log('listening')
