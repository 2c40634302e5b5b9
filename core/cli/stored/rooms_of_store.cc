// Rooms without a server: the store and the engine of the manifest, called directly.
#include <iostream>
#include <nlohmann/json.hpp>
#include <random>

#include "core/cli/answer.h"
#include "core/cli/composition.h"
#include "core/cli/limits.h"
#include "core/cli/stored/rooms.h"
#include "core/config/room_name.h"
#include "core/store/history.h"
#include "core/store/store_queue.h"
#include "core/store/stored_info.h"
#include "freshet/sink.h"

namespace freshet::cli {
namespace {

using Json = nlohmann::json;

constexpr const char* kUnreadable = "what is stored cannot be read";

class StoreRooms final : public Rooms {
 public:
  // REQUIRES: open() before anything else.
  explicit StoreRooms(const ManifestSource& manifest)
      : caller_(kAnswerDeadline), loaded_(manifest, Composition::any, FRESHET_WARN) {}

  ExitCode open() { return open_store(loaded_, {FRESHET_STORE_ID, FRESHET_CRDT_ID}, services_); }

  Result<std::vector<Entry>> list(const std::string& after, uint32_t limit) override {
    FRESHET_TRY(const auto items, ask([&](freshet_reply reply) {
                  store().list(store().self, to_c(after), limit, reply);
                }));
    std::vector<Entry> out;
    for (const ReplyItem& item : items) {
      if (item.kind == FRESHET_STORE_ROOM) {
        out.push_back({std::string(as_text(item.bytes)), item.number});
      }
    }
    return out;
  }

  // As the server's admin listener has it, but that nothing is loaded.
  Result<std::string> show(const std::string& room) override {
    const auto items =
        ask([&](freshet_reply reply) { store().info(store().self, to_c(room), reply); });
    if (!items && items.status() != Status::not_found) return items.status();
    Json out = {{"name", room},
                {"stored", stored_info(items ? *items : ReplyItems())},
                {"loaded", nullptr}};
    if (keeps_values(store())) {
      FRESHET_TRY(const auto kept, ask([&](freshet_reply reply) {
                    store().kept_list(store().self, to_c(room), {nullptr, 0}, kKeptShown, reply);
                  }));
      out["kept"] = kept_values(kept, room);
    }
    if (!items && (!out.contains("kept") || out["kept"].empty())) return Status::not_found;
    return out.dump(2, ' ', false, Json::error_handler_t::replace);
  }

  Result<std::string> update(const std::string& room) override {
    FRESHET_TRY(const auto items,
                ask([&](freshet_reply reply) { store().load(store().self, to_c(room), reply); }));
    return text_of(merge_history(crdt(), items), kUnreadable);
  }

  Result<std::string> json(const std::string& room) override {
    FRESHET_TRY(const auto items,
                ask([&](freshet_reply reply) { store().load(store().self, to_c(room), reply); }));
    return text_of(json_of_history(crdt(), items), kUnreadable);
  }

  Status import(const std::string& room, const std::string& update) override {
    const std::string fault = room_name_fault(room, loaded_.manifest().limits.room_name_bytes);
    if (!fault.empty()) {
      std::cerr << fault << "\n";
      return Status::malformed;
    }
    FRESHET_TRY(const std::string snapshot,
                text_of(rewritten(crdt(), as_bytes(update)), "the file is not an update"));
    std::random_device random;
    freshet_epoch epoch{};
    for (uint8_t& byte : epoch.bytes) byte = static_cast<uint8_t>(random());
    return only_status([&](freshet_reply reply) {
      store().put(store().self, to_c(room), epoch, to_c(as_bytes(snapshot)), reply);
    });
  }

  Status erase(const std::string& room) override {
    return only_status(
        [&](freshet_reply reply) { store().erase(store().self, to_c(room), reply); });
  }

  Status backup(const std::string& path) override {
    if (!FRESHET_HAS(&store(), backup)) return told(Status::unsupported, "no backups");
    return only_status(
        [&](freshet_reply reply) { store().backup(store().self, to_c(path), reply); });
  }

 private:
  const freshet_store& store() const { return *services_.store.table; }
  const freshet_crdt& crdt() const { return *services_.crdt.table; }

  static Status told(Status status, const char* what) {
    std::cerr << what << " (" << name_of(status) << ")\n";
    return status == Status::not_found ? Status::internal : status;
  }

  Result<ReplyItems> ask(const Caller::Call& call) {
    Answer answer = caller_.call(call);
    if (answer.status == Status::ok) return std::move(answer.items);
    if (answer.status == Status::not_found) return Status::not_found;
    return told(answer.status, "the store does not do that; the log says why");
  }

  Status only_status(const Caller::Call& call) {
    const auto answer = ask(call);
    return answer.status();
  }

  static Result<std::string> text_of(const Result<std::vector<uint8_t>>& bytes, const char* fault) {
    if (!bytes) return told(bytes.status(), fault);
    return std::string(as_text(*bytes));
  }

  Caller caller_;  // ends after the plugins
  Loaded loaded_;
  Services services_;
};

}  // namespace

std::unique_ptr<Rooms> rooms_of_store(const ManifestSource& manifest, ExitCode& exit) {
  auto rooms = std::make_unique<StoreRooms>(manifest);
  exit = rooms->open();
  if (exit != kOk) return nullptr;
  return rooms;
}

}  // namespace freshet::cli
