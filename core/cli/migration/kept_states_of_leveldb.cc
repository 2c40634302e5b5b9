// Documents of a y-websocket server that had YPERSISTENCE: the LevelDB of y-leveldb 0.1.
//
//   key     each part: u8 0, varstring | u8 1, u32 big endian
//           ["v1", document, "update", number]: an update in Yjs' v1 format
//           ["v1", document, "meta", ...] and ["v1_sv", document] are of no use here
//
// In the order of keys the updates of a document stand together. Source: y-leveldb 0.1.2.
#include <leveldb/db.h>

#include <iostream>
#include <utility>

#include "core/cli/migration/kept_states.h"
#include "core/cli/migration/state_engine.h"
#include "core/report/printable.h"
#include "freshet/format/codec.h"
#include "freshet/format/url.h"

namespace freshet::cli {
namespace {

constexpr std::string_view kVersion = "v1", kUpdate = "update";
constexpr uint8_t kText = 0;

Bytes bytes_of(const leveldb::Slice& slice) {
  return as_bytes(std::string_view(slice.data(), slice.size()));
}

// Whose update a key stands for; nothing: for something else.
std::optional<std::string> document_of_key(const leveldb::Slice& key) {
  Reader in(bytes_of(key));
  std::string_view parts[3];
  for (std::string_view& part : parts) {
    if (in.u8() != kText) return std::nullopt;
    part = in.string();
  }
  if (!in.ok() || parts[0] != kVersion || parts[2] != kUpdate) return std::nullopt;
  return std::string(parts[1]);
}

// A document's updates are in memory at once, and joined: there are a few hundred at most, as
// y-leveldb itself puts them together.
class LevelStates final : public KeptStates {
 public:
  LevelStates(std::unique_ptr<leveldb::DB> db, const StateEngine& engine)
      : db_(std::move(db)), engine_(engine), at_(db_->NewIterator(all_of_it())) {
    at_->SeekToFirst();
    skip_others();
  }

  bool next(KeptState& out) override {
    if (!at_->Valid()) return false;
    const std::string document = *document_of_key(at_->key());
    out = {.from = "document " + document,
           .room = percent_decode(document),
           .update = {},
           .fault = {}};
    std::vector<std::vector<uint8_t>> updates;
    for (; at_->Valid() && document_of_key(at_->key()) == document; at_->Next()) {
      const Bytes update = bytes_of(at_->value());
      updates.emplace_back(update.begin(), update.end());
    }
    skip_others();
    auto joined = engine_.joined(updates);
    if (joined) {
      out.update = *std::move(joined);
    } else {
      out.fault = "one of its " + std::to_string(updates.size()) + " updates is no update of Yjs";
    }
    return true;
  }

  bool failed() const override {
    if (at_->status().ok()) return false;
    std::cerr << "the LevelDB cannot be read any further: " << printable(at_->status().ToString())
              << "\n";
    return true;
  }

 private:
  static leveldb::ReadOptions all_of_it() {
    leveldb::ReadOptions options;
    options.verify_checksums = true;
    options.fill_cache = false;
    return options;
  }

  void skip_others() {
    while (at_->Valid() && !document_of_key(at_->key())) at_->Next();
  }

  std::unique_ptr<leveldb::DB> db_;
  const StateEngine& engine_;
  std::unique_ptr<leveldb::Iterator> at_;  // ends before what it reads
};

}  // namespace

std::unique_ptr<KeptStates> y_websocket_states(const Command& command, const StateEngine& engine) {
  leveldb::Options options;
  options.create_if_missing = false;
  options.paranoid_checks = true;
  leveldb::DB* db = nullptr;
  const leveldb::Status opened = leveldb::DB::Open(options, command.folder, &db);
  if (opened.ok()) return std::make_unique<LevelStates>(std::unique_ptr<leveldb::DB>(db), engine);
  const bool held = opened.ToString().find("lock") != std::string::npos;
  std::cerr << printable(command.folder) << ": cannot be opened: " << printable(opened.ToString())
            << (held ? ": stop the server that has it, or copy the folder" : "") << "\n";
  return nullptr;
}

}  // namespace freshet::cli
