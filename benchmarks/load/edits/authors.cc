#include "authors.h"

#include "freshet/format/codec.h"
#include "update_format.h"

namespace freshet::load {

namespace {

constexpr std::string_view kRoot = "text";

void write_letters(Writer& to, std::vector<uint8_t>& out, uint64_t count, uint64_t from) {
  to.varuint(count);
  for (uint64_t i = 0; i < count; ++i) out.push_back(static_cast<uint8_t>('a' + (from + i) % 26));
}

// A client with one struct at `clock`; its item follows.
void write_head(Writer& to, uint64_t client, uint64_t clock) {
  to.varuint(1);
  to.varuint(client);
  to.varuint(clock);
}

void write_root(Writer& to) {
  to.u8(kText);
  to.varuint(1);
  to.string(kRoot);
}

}  // namespace

void write_edits(const Authors& authors, std::span<const Edits> edits, std::vector<uint8_t>& out) {
  Writer to(out);
  to.varuint(edits.size());
  for (const Edits& of : edits) {
    const uint64_t clock = of.from * authors.edit_bytes;
    write_head(to, authors.id(of.writer), clock);
    if (clock > 0 || authors.document_bytes > 0) {
      to.u8(kText | kHasOrigin);
      to.varuint(clock > 0 ? authors.id(of.writer) : authors.id(authors.writers));
      to.varuint((clock > 0 ? clock : authors.document_bytes) - 1);
    } else {
      write_root(to);
    }
    write_letters(to, out, (of.to - of.from) * authors.edit_bytes, clock);
  }
  to.varuint(0);  // deletes nothing
}

void write_edit(const Authors& authors, uint32_t writer, uint64_t n, std::vector<uint8_t>& out) {
  const Edits one[] = {{writer, n, n + 1}};
  write_edits(authors, one, out);
}

void write_document(const Authors& authors, std::vector<uint8_t>& out) {
  Writer to(out);
  to.varuint(1);
  write_head(to, authors.id(authors.writers), 0);
  write_root(to);
  write_letters(to, out, authors.document_bytes, 0);
  to.varuint(0);
}

}  // namespace freshet::load
