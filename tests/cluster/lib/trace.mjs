// What nodes and their database know, for whoever has to understand a failure.
import { get } from 'node:http'
import { join } from 'node:path'

const metricsOf = node => new Promise(resolve => {
  get({ socketPath: join(node.folder, 'admin.sock'), path: '/metrics' }, response => {
    let text = ''
    response.setEncoding('utf8').on('data', part => { text += part }).on('end', () => resolve(text))
  }).on('error', error => resolve(String(error)))
})

export async function trace (cluster, rooms) {
  const lines = []
  for (const node of cluster.nodes) {
    const metrics = (await metricsOf(node)).split('\n').filter(line => /^freshet_(cluster|bus|store_failing|rooms_loaded|updates_)/.test(line))
    lines.push(`node at port ${node.port}, process ${node.process.pid}: ${metrics.join(', ')}`, node.log.trim().split('\n').slice(-12).join('\n'))
    for (const room of rooms) lines.push((await node.cli('rooms', 'show', room)).stdout.replace(/\s+/g, ' '))
  }
  lines.push(await stateOf(cluster.database))
  return lines.join('\n')
}

export async function stateOf (database) {
  return await database.query(`SELECT json_build_object(
    'open', (SELECT json_agg(json_build_array(encode(node, 'hex'), convert_from(name, 'UTF8'))) FROM freshet.open_rooms),
    'notices', (SELECT json_agg(convert_from(name, 'UTF8')) FROM freshet.notices),
    'outbox', (SELECT json_agg(convert_from(key, 'UTF8')) FROM freshet.outbox),
    'nodes', (SELECT json_agg(json_build_array(encode(run, 'hex'), beats, convert_from(about, 'UTF8'), now() - beaten_at, ended_at))
      FROM freshet.nodes WHERE ended_at IS NULL))`)
}
