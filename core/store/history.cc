#include "core/store/history.h"

#include <span>

#include "core/report/in_plugin.h"
#include "core/store/epoch.h"

namespace freshet {
namespace {

bool holds_update(const ReplyItem& item) {
  return item.kind == FRESHET_STORE_SNAPSHOT || item.kind == FRESHET_STORE_UPDATE;
}

// However large: it was let in before. Status::limit: there is no memory for it now.
Status load(Document& document, Bytes update, freshet_applied& applied) {
  const Status room = document.make_room(FRESHET_UPDATE_V1, update, SIZE_MAX);
  if (room != Status::ok) return room == Status::retry ? Status::limit : room;
  return document.load(FRESHET_UPDATE_V1, update, applied);
}

}  // namespace

Result<History> read_history(const ReplyItems& items) {
  History history;
  const ReplyItem* said = find_item(items, FRESHET_STORE_EPOCH);
  const auto epoch = said == nullptr ? std::nullopt : epoch_of(said->bytes);
  if (!epoch) return Status::corrupt;
  history.epoch = *epoch;
  for (const ReplyItem& item : items) {
    if (item.kind == FRESHET_STORE_SNAPSHOT) {
      history.snapshot_bytes = item.bytes.size();
      history.last_seq = item.number;
    } else if (item.kind == FRESHET_STORE_UPDATE) {
      if (item.number != history.last_seq + 1) return Status::corrupt;
      history.last_seq = item.number;
      history.last_writer.reset();
      ++history.log_updates;
      history.log_bytes += item.bytes.size();
    } else if (item.kind == FRESHET_STORE_WRITER) {
      history.last_writer = row_writer(item.bytes, item.number);
    }
  }
  return history;
}

Result<Loaded> load_history(const freshet_crdt& crdt, Budget& budget, const ReplyItems& items) {
  FRESHET_TRY(const History history, read_history(items));
  Document document(crdt, &budget);
  if (!document) return Status::retry;
  for (const ReplyItem& item : items) {
    if (!holds_update(item)) continue;
    freshet_applied applied{};
    const Status status = load(document, item.bytes, applied);
    if (status != Status::ok) return status == Status::malformed ? Status::corrupt : status;
  }
  document.settle();
  return Loaded{std::move(document), history};
}

Result<Document> load_first(const freshet_crdt& crdt, Budget& budget, std::vector<uint8_t>& state) {
  Document document(crdt, &budget);
  if (!document) return Status::retry;
  freshet_applied applied{};
  FRESHET_CHECK(load(document, state, applied));
  document.settle();
  state.clear();
  if (applied.changed != 0) FRESHET_CHECK(document.diff(FRESHET_UPDATE_V1, {}, state));
  return document;
}

Result<std::vector<uint8_t>> merge_history(const freshet_crdt& crdt, const ReplyItems& items) {
  FRESHET_CHECK(read_history(items).status());
  std::vector<freshet_bytes> updates;
  for (const ReplyItem& item : items) {
    if (holds_update(item)) updates.push_back(to_c(Bytes(item.bytes)));
  }
  return merged(crdt, updates);
}

namespace {

// What `f` says of the document in what is stored.
template <class F>
Result<std::vector<uint8_t>> told_of_history(const freshet_crdt& crdt, const ReplyItems& items,
                                             F f) {
  FRESHET_TRY(const auto state, merge_history(crdt, items));
  Document document(crdt);
  if (!document) return Status::retry;
  freshet_applied applied{};
  FRESHET_CHECK(document.load(FRESHET_UPDATE_V1, state, applied));
  std::vector<uint8_t> out;
  FRESHET_CHECK(f(document, out));
  return out;
}

}  // namespace

Result<std::vector<uint8_t>> json_of_history(const freshet_crdt& crdt, const ReplyItems& items) {
  return told_of_history(crdt, items,
                         [](const Document& document, auto& out) { return document.json(out); });
}

Result<std::vector<uint8_t>> outline_of_history(const freshet_crdt& crdt, const ReplyItems& items,
                                                uint32_t limit) {
  return told_of_history(crdt, items, [limit](const Document& document, auto& out) {
    return document.outline(limit, out);
  });
}

Result<std::vector<uint8_t>> merged(const freshet_crdt& crdt,
                                    std::span<const freshet_bytes> updates) {
  std::vector<uint8_t> out;
  const InPlugin inside("the engine's merge");
  FRESHET_CHECK(Status{crdt.merge(crdt.self, FRESHET_UPDATE_V1, updates.data(), updates.size(),
                                  VectorSink(out).c())});
  return out;
}

Result<std::vector<uint8_t>> rewritten(const freshet_crdt& crdt, Bytes update) {
  const freshet_bytes in = to_c(update);
  return merged(crdt, {&in, 1});
}

Status loads(const freshet_crdt& crdt, Budget& budget, Bytes state) {
  Document document(crdt, &budget);
  freshet_applied applied{};
  return document ? load(document, state, applied) : Status::retry;
}

}  // namespace freshet
