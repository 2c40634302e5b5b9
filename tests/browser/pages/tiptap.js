import { Editor } from '@tiptap/core'
import Collaboration from '@tiptap/extension-collaboration'
import CollaborationCaret from '@tiptap/extension-collaboration-caret'
import StarterKit from '@tiptap/starter-kit'
import { connect, editable, user } from './wire.js'

const { doc, provider, state } = connect()
const editor = new Editor({
  element: document.querySelector('#editor'),
  editable,
  extensions: [
    StarterKit.configure({ undoRedo: false, trailingNode: false }),
    Collaboration.configure({ document: doc }),
    CollaborationCaret.configure({ provider, user })
  ]
})
const paragraphs = () => editor.state.doc.textBetween(0, editor.state.doc.content.size, '\n')

window.page = {
  state,
  text: paragraphs,
  // Behind so many letters of the first paragraph. Tiptap's own focus() comes a frame later, and letters before it are lost.
  caretTo: at => { editor.view.focus(); editor.commands.setTextSelection(at + 1) },
  carets: () => [...document.querySelectorAll('.collaboration-carets__label')].map(label => label.textContent)
}
