#include "core/audience/shared_diff.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "freshet/abi/crdt.h"

namespace freshet {
namespace {

// From this on a diff is known by its print alone.
constexpr size_t kPrintedBytes = size_t{1} << 20;

uint64_t print_of(Bytes bytes) { return std::hash<std::string_view>{}(as_text(bytes)); }

}  // namespace

bool SharedDiff::answers(const Asked& asked) const {
  return version_ == asked.version && kind_ == asked.kind && wire_ == asked.by.wire->index &&
         variant_ == asked.by.variant && document_ == asked.document &&
         std::ranges::equal(state_vector_, asked.state_vector);
}

void SharedDiff::put(const Asked& asked, std::vector<uint8_t> update, Frames frames) {
  let_go();
  version_ = asked.version;
  kind_ = asked.kind;
  wire_ = asked.by.wire->index;
  variant_ = asked.by.variant;
  document_ = asked.document;
  state_vector_.assign(asked.state_vector.begin(), asked.state_vector.end());
  frames_ = std::move(frames);
  if (update.size() >= kPrintedBytes) {
    given_bytes_ = update.size();
    given_print_ = print_of(update);
  } else {
    update_ = std::move(update);
  }
}

void SharedDiff::let_go() {
  version_ = 0;
  release_memory(state_vector_);
  release_memory(update_);
  release_memory(frames_);
}

void SharedDiff::forget() {
  let_go();
  given_bytes_ = 0;
}

bool SharedDiff::was_given(uint32_t format, Bytes update) const {
  if (format != FRESHET_UPDATE_V1 || update.empty()) return false;
  if (as_text(update) == as_text(update_)) return true;
  return update.size() == given_bytes_ && print_of(update) == given_print_;
}

}  // namespace freshet
