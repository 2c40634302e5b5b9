// As editors that do not come from Tiptap have it: ProseMirror itself, and y-prosemirror.
import { keymap } from '@tiptap/pm/keymap'
import { Schema } from '@tiptap/pm/model'
import { EditorState, TextSelection } from '@tiptap/pm/state'
import { EditorView } from '@tiptap/pm/view'
import { redo, undo, yCursorPlugin, ySyncPlugin, yUndoPlugin } from 'y-prosemirror'
import { connect, editable, user } from './wire.js'

const { doc, awareness, state } = connect()
awareness.setLocalStateField('user', user)
const schema = new Schema({
  nodes: {
    doc: { content: 'paragraph+' },
    paragraph: { content: 'text*', toDOM: () => ['p', 0], parseDOM: [{ tag: 'p' }] },
    text: {}
  }
})
const view = new EditorView(document.querySelector('#editor'), {
  editable: () => editable,
  state: EditorState.create({
    schema,
    plugins: [
      ySyncPlugin(doc.getXmlFragment('prosemirror')), yCursorPlugin(awareness), yUndoPlugin(),
      keymap({ 'Mod-z': undo, 'Mod-y': redo })
    ]
  })
})

window.page = {
  state,
  text: () => view.state.doc.textBetween(0, view.state.doc.content.size, '\n'),
  caretTo: at => {
    view.focus()
    view.dispatch(view.state.tr.setSelection(TextSelection.create(view.state.doc, at + 1)))
  },
  carets: () => [...document.querySelectorAll('.ProseMirror-yjs-cursor')].map(label => label.textContent)
}
