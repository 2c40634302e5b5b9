import { EditorState } from '@codemirror/state'
import { EditorView, keymap } from '@codemirror/view'
import { basicSetup } from 'codemirror'
import { yCollab, yUndoManagerKeymap } from 'y-codemirror.next'
import { connect, editable, user } from './wire.js'

const { doc, awareness, state } = connect()
awareness.setLocalStateField('user', user)
const text = doc.getText('codemirror')
const view = new EditorView({
  parent: document.querySelector('#editor'),
  state: EditorState.create({
    doc: text.toString(),
    extensions: [keymap.of(yUndoManagerKeymap), basicSetup, EditorView.editable.of(editable), yCollab(text, awareness)]
  })
})

window.page = {
  state,
  text: () => view.state.doc.toString(),
  caretTo: at => { view.focus(); view.dispatch({ selection: { anchor: at } }) },
  carets: () => [...document.querySelectorAll('.cm-ySelectionInfo')].map(label => label.textContent)
}
