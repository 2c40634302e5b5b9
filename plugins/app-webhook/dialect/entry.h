// plugins/app-webhook/dialect/entry.h: an event as the outbox keeps it: without the document, which
// is read when the event is sent.
//
//   {"data":{"room":"notes","user":{"id":"ann"}},"event":"user-connected"}
//   {"storage_at":24}
//
// The first line is the body to send. The second is there if the document belongs in it, and says
// behind how many bytes of the first. No line end is in a body: JSON writes them as "\n".
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "freshet/bytes.h"

namespace freshet::webhook {

struct Entry {
  std::string_view body;
  std::optional<size_t> storage_at;
};

// REQUIRES: storage_at is inside of an object of the body, behind a member or its bracket.
std::string entry_with_storage(std::string body, size_t storage_at);
// Nothing: these are not the bytes of an entry. Borrows from the text.
std::optional<Entry> read_entry(std::string_view text);

// The document as it is told: base64 with quotation marks; an empty one, and none, as null.
std::string storage_text(Bytes state);
// The body with the document in its place. REQUIRES: it has one.
std::string with_storage(const Entry& entry, Bytes state);

}  // namespace freshet::webhook
