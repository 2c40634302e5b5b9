// What becomes of letters that two people type at the same place at the same time? The same editors at three servers.
//
//   node same-spot.mjs [TRIES] [EDITOR...]       FRESHET_BIN names the server
//
// SHOW=1 prints every text; DELAY is how many milliseconds lie between two letters, 30; PLACES are those of below, all.
//
// Of each try it looks whether both read the same at the end, whether no letter is missing, whether each person's letters
// are in the order of typing (else: displaced), and whether they are one piece (else: interleaved).
import { Browser, untilSame } from './lib/editors.mjs'
import { Line } from './lib/line.mjs'
import { editors as all } from './lib/pages.mjs'
import { freshet, hocuspocus, yWebsocket } from './lib/servers.mjs'

const [tries = '10', ...named] = process.argv.slice(2)
const editors = named.length > 0 ? named : all
const delay = Number(process.env.DELAY ?? 30)
const words = { ann: 'abcdefghijkl', bob: 'ABCDEFGHIJKL' }

class Afterwards {
  #last = []
  after (act) { this.#last.push(act) }
  async run () { for (const act of this.#last.reverse()) await act() }
}

// Where both type: what is on the left, and on the right.
const places = { middle: ['left', 'right'], end: ['left', ''], empty: ['', ''] }

function judge (text, [left, right]) {
  const typed = text.slice(left.length, text.length - right.length)
  const found = { displaced: false, interleaved: false, lost: false, moved: !text.startsWith(left) || !text.endsWith(right) }
  for (const word of Object.values(words)) {
    const own = [...typed].filter(letter => word.includes(letter)).join('')
    if (own.length !== word.length) found.lost = true
    else if (own !== word) found.displaced = true
    else if (!typed.includes(word)) found.interleaved = true
  }
  return found
}

async function once (browser, server, { editor, room, place, apart }) {
  const t = new Afterwards()
  const [left, right] = places[place]
  const lines = await Promise.all(['ann', 'bob'].map(() => Line.to(server.port)))
  lines.forEach(line => t.after(() => line.end()))
  try {
    const ann = await browser.open(t, { editor, server, room, user: 'ann', line: lines[0] })
    await ann.untilSynced()
    await ann.caretTo(0)
    await ann.type(left + right, 0)
    const bob = await browser.open(t, { editor, server, room, user: 'bob', line: lines[1] })
    await bob.untilSynced()
    for (const person of [ann, bob]) {
      await person.untilText(left + right)
      await person.caretTo(left.length)
    }
    if (apart) lines.forEach(line => line.break())
    await Promise.all([ann.type(words.ann, delay), bob.type(words.bob, delay)])
    if (apart) lines.forEach(line => line.mend())
    for (const person of [ann, bob]) await person.untilText(text => [...text].filter(letter => letter !== '\n').length >= (left + right).length + 24)
    const text = await untilSame([ann, bob])
    return { text, ...judge(text, places[place]), errors: ann.errors.length + bob.errors.length }
  } finally {
    await t.run()
  }
}

const browser = await Browser.start()
const servers = new Afterwards()
const others = [await freshet(servers), await yWebsocket(servers), await hocuspocus(servers)]
const kinds = (process.env.PLACES?.split(',') ?? Object.keys(places)).flatMap(place => [[place, false], [place, true]])
console.log('editor | place | connected | server | tries | displaced | interleaved | lost | other text moved')
try {
  for (const editor of editors) {
    for (const [place, apart] of kinds) {
      for (const server of others) {
        const count = { displaced: 0, interleaved: 0, lost: 0, moved: 0 }
        for (let i = 0; i < Number(tries); ++i) {
          const found = await once(browser, server, { editor, place, apart, room: `${editor}-${place}-${apart}-${i}` })
          for (const key of Object.keys(count)) count[key] += found[key] ? 1 : 0
          if (process.env.SHOW) console.log(`  ${found.text.replaceAll('\n', '|')}${found.errors ? ` (${found.errors} errors)` : ''}`)
        }
        console.log([editor, place, apart ? 'no' : 'yes', server.name, tries, ...Object.values(count)].join(' | '))
      }
    }
  }
} finally {
  await browser.close()
  await servers.run()
}
