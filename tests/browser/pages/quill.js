import Quill from 'quill'
import QuillCursors from 'quill-cursors'
import { QuillBinding } from 'y-quill'
import 'quill/dist/quill.core.css'
import { connect, editable, user } from './wire.js'

Quill.register('modules/cursors', QuillCursors)
const { doc, awareness, state } = connect()
awareness.setLocalStateField('user', user)
const quill = new Quill('#editor', { readOnly: !editable, modules: { cursors: true, history: { userOnly: true }, toolbar: false } })
const binding = new QuillBinding(doc.getText('quill'), quill, awareness)

window.page = {
  state,
  binding,
  text: () => quill.getText().replace(/\n$/, ''),
  caretTo: at => { quill.focus(); quill.setSelection(at, 0) },
  carets: () => [...document.querySelectorAll('.ql-cursor-name')].map(label => label.textContent)
}
