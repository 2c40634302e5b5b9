// Several servers on one PostgreSQL of the test's own, and their clients; gone when the test ends.
import { Client } from '../../interop/lib/client.mjs'
import { basePlugins, Server } from '../../interop/lib/server.mjs'
import { Postgres } from './postgres.mjs'

// What a manifest names for a node. `store`, `bus`: settings beside the url.
export function nodePlugins ({ url, busUrl = url, store = {}, bus = {}, plugins = {} }) {
  const { 'store-sqlite': _, ...others } = basePlugins
  return {
    ...others, 'protocol-pluv': { retry_delay_ms: 0 }, 'store-postgres': { url, ...store }, 'bus-postgres': { url: busUrl, ...bus }, ...plugins
  }
}

export class Cluster {
  nodes = []
  clients = []

  // options: `count` of nodes; `database`: one that is there; `limits` as Server.start has them, `envs` of each node; the rest as
  // nodePlugins.
  static async start (t, { count = 3, database, limits, envs = [], ...settings } = {}) {
    const self = new Cluster()
    t.after(() => self.end())
    self.database = database ?? await Postgres.start(t)
    const base = nodePlugins({ url: self.database.url, ...settings })
    // One after the other: a port is only free until somebody has it.
    for (let i = 0; i < count; ++i) self.nodes.push(await Server.start({ base, limits, env: envs[i] }))
    return self
  }

  // options: those of Client.join, without the address.
  async join (node, room, options = {}) {
    const client = await Client.joinSynced({ url: this.nodes[node].url, room, ...options })
    this.clients.push(client)
    return client
  }

  async leave (client) {
    this.clients = this.clients.filter(other => other !== client)
    await client.kill()
  }

  async end () {
    await Promise.all(this.clients.map(client => client.kill()))
    await Promise.all(this.nodes.map(node => node.stop()))
  }
}
