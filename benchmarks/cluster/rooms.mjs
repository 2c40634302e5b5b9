// Many rooms over three nodes, one person at each: what an edit costs in transactions and on processors.
import { base64, busyNs, busyNsOfTree, enter, paced, seconds } from './scene.mjs'

const transactions = async database =>
  Number(await database.query("SELECT xact_commit FROM pg_stat_database WHERE datname = 'postgres'"))

export async function rooms ({ database, nodes }, count, perSecond) {
  const people = []
  for (let i = 0; i < count; ++i) {
    people.push(...await Promise.all(nodes.map((node, n) => enter(node, `room${i}`, `${i}.${n}`))))
  }
  for (const peer of people) {
    peer.doc.on('update', (update, origin) => {
      if (origin === peer) peer.socket.send(JSON.stringify({ type: '$updateStorage', data: { origin: 'edit', update: base64(update) } }))
    })
  }
  const used = () => [nodes.reduce((sum, node) => sum + busyNs(node.process.pid), 0), busyNsOfTree(database.process.pid)]
  const [cpu, commits] = [used(), await transactions(database)]
  const edits = await paced(perSecond, n => {
    const peer = people[(n * 7919) % people.length]
    peer.doc.transact(() => peer.doc.getText('text').insert(0, 'x'), peer)
  })
  // PostgreSQL counts a transaction some time after its end.
  await new Promise(resolve => setTimeout(resolve, 2000))
  const [now, then] = [used(), cpu]
  const result = {
    edits, perSecond: edits / seconds, transactions: (await transactions(database) - commits) / edits,
    nodesUs: (now[0] - then[0]) / edits / 1000, databaseUs: (now[1] - then[1]) / edits / 1000
  }
  people.forEach(peer => peer.socket.terminate())
  return result
}
