#include "freshet/crdt/cleanup.h"

#include "api/internals.h"

namespace freshet::crdt {

Result<Applied> apply_and_clean(Doc& doc, Bytes update, const std::vector<std::string>& text_roots,
                                std::vector<uint8_t>& changes, std::vector<uint8_t>& cleaned) {
  const Cleaning cleaning{text_roots, cleaned};
  return Internals::of(doc).apply(update, kPeerLimits, &changes, &cleaning);
}

}  // namespace freshet::crdt
