// Two editors beside each other, each with a document and a connection of its own.
import { defaultKeymap } from '@codemirror/commands'
import { EditorState } from '@codemirror/state'
import { drawSelection, EditorView, keymap, placeholder } from '@codemirror/view'
import { yCollab, yUndoManagerKeymap } from 'y-codemirror.next'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import './demo.css'

const kRoom = 'demo'
const kRefusals = 4400 // close codes from here to 4499: coming back changes nothing
const names = ['Ada', 'Blaise', 'Carl', 'Dorothy', 'Emmy', 'Fermat', 'Grace', 'Henri']
const colours = ['#0b6583', '#b1261d', '#1a6a3a', '#7a3fa0', '#855400', '#a0306b', '#3556b0', '#5d6400']

function element (tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties)
  made.append(...children)
  return made
}

function pane (who) {
  const doc = new Y.Doc()
  const text = doc.getText('text')
  const undo = new Y.UndoManager(text)
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
  const provider = new WebsocketProvider(`${scheme}://${location.host}${document.body.dataset.wire}`, kRoom, doc, { disableBc: true })
  provider.awareness.setLocalStateField('user', { name: names[who], color: colours[who], colorLight: `${colours[who]}44` })

  const state = element('span', { className: 'state', role: 'status', textContent: 'connecting' })
  const line = element('button', { type: 'button', textContent: 'Go offline' })
  const name = element('h2', { textContent: names[who] })
  name.style.color = colours[who]
  const editor = element('div', { className: 'editor' })
  const box = element('section', { className: 'pane', ariaLabel: names[who] }, element('div', { className: 'head' }, name, state, line), editor)

  const show = (words, grade = '') => {
    state.textContent = words
    state.className = `state ${grade}`
  }
  provider.on('status', ({ status }) => { if (status === 'connected') show('connected', 'good') })
  provider.on('connection-close', event => {
    if (!provider.shouldConnect) return show('offline: what is typed waits')
    if (event?.code < kRefusals || event?.code >= kRefusals + 100) return show('lost, trying again', 'bad')
    provider.disconnect()
    line.hidden = true
    show(event.code === 4401 ? 'this server wants a token, which the demo has not' : `refused: ${event.reason || event.code}`, 'bad')
  })
  line.onclick = () => {
    const away = provider.shouldConnect
    if (away) provider.disconnect()
    else provider.connect()
    line.textContent = away ? 'Come back' : 'Go offline'
    show(away ? 'offline: what is typed waits' : 'connecting')
  }

  const view = new EditorView({
    parent: editor,
    state: EditorState.create({
      doc: text.toString(),
      extensions: [
        keymap.of([...yUndoManagerKeymap, ...defaultKeymap]), drawSelection(), EditorView.lineWrapping, placeholder('Type here'),
        EditorView.contentAttributes.of({ 'aria-label': `The document, as ${names[who]}` }), yCollab(text, provider.awareness, { undoManager: undo })
      ]
    })
  })
  return { box, view, provider }
}

// Two names that are not each other's, and rarely those of another window.
const first = Math.floor(Math.random() * names.length)
const second = (first + 1 + Math.floor(Math.random() * (names.length - 1))) % names.length
document.getElementById('panes').append(...[first, second].map(who => pane(who).box))
if (window !== window.top) document.body.classList.add('framed')
