import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import test from 'node:test'
import { author, insert, isEdit, listNumber, listString, meet, readScript, remove, setNumber, setString, writeScript } from '../script.mjs'
import { scripts } from '../scripts.mjs'

test('a script comes back from its file as it was written', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'script-'))
  try {
    const steps = [author(3, 2 ** 53 - 1), insert(5, 'für 🎈'), remove(1, 2), listNumber(0, 2 ** 31), listString(2, 'ü'),
      setNumber('k', 7), setString('schlüssel', 'wert'), meet()]
    writeScript(path.join(folder, 'a'), steps)
    assert.deepEqual(readScript(path.join(folder, 'a')), steps)
  } finally {
    fs.rmSync(folder, { recursive: true })
  }
})

test('one seed makes one script, whatever else is made; another seed another', () => {
  const of = (seed, name) => scripts(seed, 0.01).find(script => script.name === name).steps()
  assert.deepEqual(of(1, 'b2.4'), of(1, 'b2.4'))
  assert.notDeepEqual(of(1, 'b2.4'), of(2, 'b2.4'))
})

test('client ids are of 32 bits, and of 53 where the name says so', () => {
  for (const { name, steps } of scripts(1, 0.01)) {
    const ids = steps().filter(step => step.do === 'author').map(step => step.id)
    assert.ok(ids.length > 0 && ids.every(Number.isSafeInteger))
    assert.equal(ids.every(id => id >= 2 ** 32), name.endsWith('-53'), name)
  }
})

test('whoever is alone inserts and deletes within the text there is', () => {
  for (const { name, steps } of scripts(1, 0.02)) {
    if (steps().filter(step => step.do === 'author').length > 1) continue
    let length = 0
    for (const step of steps().filter(isEdit)) {
      if (step.do === 'insert') assert.ok(step.at <= length, name)
      if (step.do === 'remove') assert.ok(step.at + step.count <= length, name)
      length += step.do === 'insert' ? step.text.length : step.do === 'remove' ? -step.count : 0
    }
  }
})
