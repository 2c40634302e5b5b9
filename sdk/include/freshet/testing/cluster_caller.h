// freshet/testing/cluster_caller.h: calls what a store has that many nodes share, through its C
// table, and waits for each answer.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "freshet/testing/store_caller.h"

namespace freshet::testing {

// Where a room's log ends. Neither: it is not there.
struct Head {
  std::optional<Epoch> epoch;
  uint64_t last_seq = 0;
  uint64_t last_number = 0;  // of its writer, in the row that ends it; 0: it is not told
  friend bool operator==(const Head&, const Head&) = default;
};

// A node, by the first byte of its run.
inline freshet_node node_of(char name) { return {{static_cast<uint8_t>(name)}}; }

struct KnownNode {
  char name = 0;
  uint64_t beats = 0;
  std::string about;
  friend bool operator==(const KnownNode&, const KnownNode&) = default;
};

struct RoomNotice {
  uint64_t id = 0;
  std::string room;
  std::optional<Epoch> epoch;
  friend bool operator==(const RoomNotice&, const RoomNotice&) = default;
};

// Borrows the table. One thread at a time. REQUIRES of all but the first: the store is `shared`.
class ClusterCaller : private StoreAnswers {
 public:
  explicit ClusterCaller(const freshet_store* table) : t_(table) {}

  bool is_shared() const { return FRESHET_HAS(t_, claim); }

  Loaded tail(std::string_view room, const freshet_epoch& epoch, uint64_t after_seq,
              uint64_t most_bytes = UINT64_MAX) {
    Answer answer;
    t_->tail(t_->self, str(room), epoch, after_seq, most_bytes, answer.reply());
    return loaded_from(answer);
  }
  std::vector<Head> heads(const std::vector<std::string>& rooms) {
    const std::vector<freshet_str> names = strs(rooms);
    Answer answer;
    t_->heads(t_->self, names.data(), names.size(), answer.reply());
    std::vector<Head> heads;
    if (once(answer) != Status::ok) return heads;
    Head next;
    for (const auto& item : answer.items()) {
      if (item.kind == FRESHET_STORE_EPOCH) next.epoch = epoch(item);
      if (item.kind == FRESHET_STORE_WRITER) next.last_number = item.number;
      if (item.kind != FRESHET_STORE_LAST_SEQ) continue;
      next.last_seq = item.number;
      heads.push_back(std::exchange(next, {}));
    }
    return heads;
  }
  Status node_beat(char node, std::string_view about, std::vector<KnownNode>* all = nullptr) {
    Answer answer;
    t_->node_beat(t_->self, node_of(node), to_c(as_bytes(about)), answer.reply());
    const Status status = once(answer);
    if (all == nullptr) return status;
    all->clear();
    for (const auto& item : answer.items()) {
      if (item.kind == FRESHET_STORE_NODE) all->push_back({name_of_node(item), item.number, {}});
      if (item.kind == FRESHET_STORE_ABOUT && !all->empty()) all->back().about = item.text();
    }
    std::ranges::sort(*all, {}, &KnownNode::name);
    return status;
  }
  Status node_end(char node, bool tell = false) {
    return call(
        [&](freshet_reply reply) { t_->node_end(t_->self, node_of(node), tell ? 1 : 0, reply); });
  }
  Status rooms_open(char node, const std::vector<std::string>& rooms) {
    const std::vector<freshet_str> names = strs(rooms);
    return call([&](freshet_reply reply) {
      t_->rooms_open(t_->self, node_of(node), names.data(), names.size(), reply);
    });
  }
  // The notices that it left.
  std::vector<RoomNotice> rooms_close(char node, const std::vector<std::string>& rooms, bool tell,
                                      Status* status = nullptr) {
    const std::vector<freshet_str> names = strs(rooms);
    Answer answer;
    t_->rooms_close(t_->self, node_of(node), names.data(), names.size(), tell ? 1 : 0,
                    answer.reply());
    return notices_from(answer, status);
  }
  // Names, sorted. `about`: what each says of itself, one after the other.
  std::string room_nodes(std::string_view room, std::string* about = nullptr) {
    Answer answer;
    t_->room_nodes(t_->self, str(room), answer.reply());
    if (once(answer) != Status::ok) return "?";
    std::string names;
    for (const auto& item : answer.items()) {
      if (item.kind == FRESHET_STORE_NODE) names += name_of_node(item);
      if (item.kind == FRESHET_STORE_ABOUT && about != nullptr) *about += item.text();
    }
    std::ranges::sort(names);
    return names;
  }
  std::vector<RoomNotice> notices(uint64_t after = 0, uint32_t limit = 1000) {
    Answer answer;
    t_->notices(t_->self, after, limit, answer.reply());
    return notices_from(answer, nullptr);
  }
  Status notice_remove(uint64_t id) {
    return call([&](freshet_reply reply) { t_->notice_remove(t_->self, id, reply); });
  }
  Status fold(const freshet_fold& fold) {
    if (!FRESHET_HAS(t_, fold)) return Status::unsupported;
    return call([&](freshet_reply reply) { t_->fold(t_->self, &fold, reply); });
  }
  // The rooms that have new epochs now.
  std::vector<std::string> new_history(std::string_view after, uint32_t limit) {
    std::vector<std::string> rooms;
    if (!FRESHET_HAS(t_, new_history)) return rooms;
    Answer answer;
    t_->new_history(t_->self, str(after), limit, answer.reply());
    if (once(answer) != Status::ok) return {"?"};
    for (const auto& item : answer.items()) {
      if (item.kind == FRESHET_STORE_ROOM) rooms.push_back(item.text());
    }
    return rooms;
  }
  Status claim(std::string_view name, char node, uint32_t ms) {
    return call(
        [&](freshet_reply reply) { t_->claim(t_->self, str(name), node_of(node), ms, reply); });
  }

 private:
  static std::vector<RoomNotice> notices_from(Answer& answer, Status* status) {
    const Status said = once(answer);
    if (status != nullptr) *status = said;
    std::vector<RoomNotice> notices;
    for (const auto& item : answer.items()) {
      if (item.kind == FRESHET_STORE_NOTICE) notices.push_back({item.number, item.text(), {}});
      if (item.kind == FRESHET_STORE_EPOCH && !notices.empty()) notices.back().epoch = epoch(item);
    }
    return notices;
  }

  static char name_of_node(const Answer::Item& item) {
    return item.bytes.size() == sizeof(freshet_node) ? static_cast<char>(item.bytes[0]) : '?';
  }

  static std::vector<freshet_str> strs(const std::vector<std::string>& texts) {
    std::vector<freshet_str> out;
    for (const std::string& text : texts) out.push_back(str(text));
    return out;
  }

  const freshet_store* t_;
};

}  // namespace freshet::testing
