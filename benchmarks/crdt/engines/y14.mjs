// Yjs 14: one type for all, with children and attributes.
import * as Y from '@y/y'
import { yjsEngine } from './yjs-like.mjs'

export const open = () => yjsEngine(Y, doc => {
  const [text, list, map] = [doc.get('text'), doc.get('list'), doc.get('map')]
  return { text, list, set: (key, value) => map.setAttr(key, value), content: () => ({ text: text.toString(), list: list.toArray(), map: map.getAttrs() }) }
})
