// plugins/app-webhook/dialect/hocuspocus.h: what @hocuspocus/extension-webhook posts, and what it
// takes for an answer. docs/app-webhook.md has what differs.
#pragma once

#include <string>
#include <string_view>

#include "freshet/abi/app.h"
#include "freshet/abi/platform.h"
#include "freshet/result.h"

namespace freshet::webhook {

// `change`, as an entry of the outbox (entry.h), and `disconnect`. `context`: canonical JSON of an
// object. What is told here is told of no request: its headers and parameters are empty.
std::string hocuspocus_change(std::string_view room, std::string_view context, bool with_storage);
std::string hocuspocus_disconnect(std::string_view room, std::string_view context);
std::string hocuspocus_create(std::string_view room);
// `connect`, which is asked. Null: the wire tells of no request.
std::string hocuspocus_connect(std::string_view room, const freshet_request* request);

// What is behind `user` of a notice: the context that the answer to `connect` gave.
std::string context_of(freshet_str user);

// Of a taken answer to `create`: `state`, if it has a document as bytes; or `operations`, an edit
// that makes it (docs/edits.md), if it has ProseMirror's JSON by field. Status::not_found: it has
// none. Otherwise `reason` says what is wrong.
Status read_create(std::string_view body, std::string& state, std::string& operations,
                   std::string& reason);

}  // namespace freshet::webhook
