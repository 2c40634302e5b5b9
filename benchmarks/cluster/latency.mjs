// One writer and one reader at one node, one reader at another: when an edit is seen, and when its writer is told that it is saved.
import { base64, enter, metric, paced, Samples } from './scene.mjs'

const commits = async node => [await metric(node, 'freshet_store_commits_total'), await metric(node, 'freshet_store_commit_microseconds_total')]

// A reader sees edits in their order, perhaps several at once: the value is the number of the last.
function watch (peer, sent) {
  const samples = new Samples()
  let seen = 0
  peer.doc.getMap('map').observe(() => {
    const last = peer.doc.getMap('map').get('n')
    for (const now = performance.now(); seen <= last; ++seen) samples.add(now - sent[seen])
  })
  return samples
}

export async function latency ([here, there], perSecond) {
  const room = `latency-${perSecond}`
  const [writer, near, far] = [await enter(here, room, 'writer'), await enter(here, room, 'near'), await enter(there, room, 'far')]
  const sent = []
  const seenNear = watch(near, sent)
  const seenFar = watch(far, sent)
  const saved = new Samples()
  writer.onsaved = ({ data }) => { if (sent[data.update - 2] !== undefined) saved.add(performance.now() - sent[data.update - 2]) }
  writer.doc.on('update', update =>
    writer.socket.send(JSON.stringify({ type: '$updateStorage', data: { origin: 'edit', update: base64(update) } })))
  const before = await commits(here)
  await paced(perSecond, n => {
    sent[n] = performance.now()
    writer.doc.getMap('map').set('n', n)
  })
  await new Promise(resolve => setTimeout(resolve, 1000))
  const after = await commits(here)
  for (const peer of [writer, near, far]) peer.socket.terminate()
  return {
    perSecond, near: [seenNear.p50, seenNear.p99], far: [seenFar.p50, seenFar.p99], saved: [saved.p50, saved.p99],
    commit: (after[1] - before[1]) / (after[0] - before[0]) / 1000, sent: sent.length, seen: seenFar.values.length
  }
}
