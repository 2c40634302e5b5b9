import * as Y from 'yjs'
import { yjsEngine } from './yjs-like.mjs'

export const open = () => yjsEngine(Y, doc => {
  const [text, list, map] = [doc.getText('text'), doc.getArray('list'), doc.getMap('map')]
  return { text, list, set: (key, value) => map.set(key, value), content: () => ({ text: text.toString(), list: list.toJSON(), map: map.toJSON() }) }
})
