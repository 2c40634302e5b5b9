// plugins/app-webhook/dialect/prosemirror.h: ProseMirror's JSON, as Tiptap has it, as an edit that
// makes a document of it: what y-prosemirror writes, but that no schema is known here. Attributes
// that are left out stay out, and every editor fills them in by its own schema.
#pragma once

#include <string>
#include <string_view>

#include "freshet/result.h"

namespace freshet::webhook {

// `json`: an object with a document for each field: {"default": {"type": "doc", "content": [...]}}.
// Replaces `operations`. Status::not_found: it has none; Status::malformed: it is none, and
// `reason` says what is wrong.
Status prosemirror_edit(std::string_view json, std::string& operations, std::string& reason);

}  // namespace freshet::webhook
