// Documents of a y-sweet server that kept them in a folder: <folder>/<document>/data.ysweet.
//
//   file      a map of keys to values, as bincode 1 writes one: u64 entries, then of each
//             u64 size, key | u64 size, value; numbers little endian, entries in the order of keys
//   keys      of yrs-kvstore 0.3:
//             00 00 "doc" 00                    the document's number, u32 big endian
//             00 01 number:4 00                 its state, in Yjs' v1 format
//             00 01 number:4 02 clock:4 00      an update behind that, the same
//             others (a state vector, metadata) are of no use here
//
// Source: y-sweet-core 0.9 (sync_kv.rs, doc_sync.rs) and yrs-kvstore 0.3 (keys.rs).
#include <algorithm>
#include <array>
#include <filesystem>
#include <iostream>

#include "core/cli/migration/folder_walk.h"
#include "core/cli/migration/kept_states.h"
#include "core/cli/migration/state_engine.h"
#include "core/report/printable.h"
#include "freshet/format/codec.h"

namespace freshet::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSweetFile = "data.ysweet";
constexpr uint8_t kNumberKey[] = {0, 0, 'd', 'o', 'c', 0};
constexpr uint8_t kDocuments[] = {0, 1};
constexpr size_t kNumberBytes = 4, kClockBytes = 4;
constexpr uint8_t kStateKey = 0, kUpdateKey = 2, kKeyEnd = 0;

uint64_t little_u64(Reader& in) {
  uint64_t number = 0;
  const Bytes bytes = in.take(8);
  for (size_t i = bytes.size(); i-- > 0;) number = number << 8 | bytes[i];
  return number;
}

bool begins_with(Bytes bytes, Bytes with) {
  return bytes.size() >= with.size() && std::ranges::equal(bytes.first(with.size()), with);
}

// Whether it is one of the two kinds of entries that make up the document of this number.
bool is_content(Bytes key, Bytes number) {
  if (!begins_with(key, kDocuments)) return false;
  const Bytes behind = key.subspan(std::size(kDocuments));
  if (!begins_with(behind, number)) return false;
  const Bytes kind = behind.subspan(number.size());
  if (kind.size() == 1) return kind[0] == kStateKey;
  return kind.size() == 2 + kClockBytes && kind[0] == kUpdateKey && kind.back() == kKeyEnd;
}

// The document's updates, its state first. False: that is no such file.
bool updates_of(Bytes file, std::vector<std::vector<uint8_t>>& updates) {
  Reader in(file);
  Bytes number;
  const uint64_t entries = little_u64(in);
  for (uint64_t left = entries; left > 0; --left) {
    const Bytes key = in.take(little_u64(in));
    const Bytes value = in.take(little_u64(in));
    if (!in.ok()) return false;
    if (std::ranges::equal(key, kNumberKey)) {
      if (value.size() != kNumberBytes) return false;
      number = value;
    }
    // The number's key comes before all that has it.
    if (number.empty() || !is_content(key, number)) continue;
    updates.emplace_back(value.begin(), value.end());
  }
  return in.ok() && in.at_end() && (entries == 0 || !number.empty());
}

class SweetStates final : public KeptStates {
 public:
  SweetStates(FolderWalk at, const StateEngine& engine) : at_(std::move(at)), engine_(engine) {}

  bool next(KeptState& out) override {
    for (; !at_.at_end(); at_.step()) {
      std::error_code failure;
      const fs::path path = at_.path() / kSweetFile;
      if (!fs::exists(path, failure) && !failure) continue;
      out = {
          .from = path.string(), .room = at_.path().filename().string(), .update = {}, .fault = {}};
      read(path, out);
      at_.step();
      return true;
    }
    return false;
  }

  bool failed() const override { return at_.failed(); }

 private:
  void read(const fs::path& path, KeptState& out) const {
    std::string file;
    out.fault = read_state_file(path, file);
    if (!out.fault.empty()) return;
    std::vector<std::vector<uint8_t>> updates;
    if (!updates_of(as_bytes(file), updates)) {
      return void(out.fault = "is damaged, or nothing that y-sweet wrote");
    }
    if (updates.size() <= 1) return void(out.update = updates.empty() ? out.update : updates[0]);
    auto joined = engine_.joined(updates);
    if (!joined) return void(out.fault = "one of its updates is no update of Yjs");
    out.update = *std::move(joined);
  }

  FolderWalk at_;
  const StateEngine& engine_;
};

bool has_documents(const fs::path& folder) {
  std::error_code failure;
  fs::directory_iterator at(folder, failure);
  for (; !failure && at != fs::directory_iterator(); at.increment(failure)) {
    std::error_code unseen;
    if (fs::exists(at->path() / kSweetFile, unseen)) return true;
  }
  return false;
}

}  // namespace

std::unique_ptr<KeptStates> y_sweet_states(const Command& command, const StateEngine& engine) {
  auto at = FolderWalk::begin(command.folder);
  if (!at) return nullptr;
  if (!has_documents(command.folder)) {
    std::cerr << printable(command.folder) << ": has no DOCUMENT/" << kSweetFile
              << ": name the folder that `y-sweet serve` was given\n";
    return nullptr;
  }
  return std::make_unique<SweetStates>(*std::move(at), engine);
}

}  // namespace freshet::cli
