// tests/sim/plugins/sim_app.h: an app that writes down what it is told, and answers as it is told
// to.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "freshet/abi/app.h"
#include "freshet/crdt/doc.h"
#include "freshet/sink.h"
#include "sim/clients/author.h"

namespace freshet::sim {

class SimApp {
 public:
  static constexpr uint32_t kEverything = 62;  // all five kinds

  explicit SimApp(freshet_app_wants wants) : wants_(wants) {}
  SimApp() : SimApp({sizeof(freshet_app_wants), kEverything, kEverything, 1, 0}) {}
  SimApp(const SimApp&) = delete;
  SimApp& operator=(const SimApp&) = delete;

  const freshet_app* table() const { return &table_; }

  // One line a notice: "connected r", "updated r \"text\"", "event r hi {}".
  std::vector<std::string> heard;
  std::vector<uint64_t> sessions;            // of each
  std::vector<std::string> users;            // of each
  std::set<uint64_t> ends;                   // of rooms, by their ids
  std::vector<std::string> asked;            // rooms
  std::map<std::string, std::string> first;  // what rooms begin with, as text
  std::vector<uint8_t> first_bytes;          // or as these bytes, whichever room it is
  Status answer = Status::ok;                // to notices
  Status first_answer = Status::ok;
  // What it was asked before it happened: "join r", "edit r". Held like everything else.
  std::vector<std::string> intents;
  // Null: all is well. `update`: as letters; none of a join.
  std::function<Status(std::string_view update)> judge_intent = nullptr;
  std::function<bool(std::string_view update)> holds_intent = nullptr;  // null: none
  std::string reason;                                                   // with Status::denied

  // So often it says that it is not settled after each thing it was told.
  uint64_t asks_until_settled = 0;
  uint64_t asks = 0;            // for that, ever
  size_t heard_when_asked = 0;  // how much it had been told by the first of them
  bool settled() const { return asks_left_ == 0; }
  void settle() { asks_left_ = 0; }

  // What it was told that cannot be true; empty: nothing. Who was there when a process was killed
  // is not heard of again.
  std::string misled;
  void process_died() {
    here_.clear();
    kept_.clear();
    asks_left_ = 0;
    said_settled_ = false;
  }

  // What is called from now on is answered when it is released.
  void hold(bool held) {
    held_ = held;
    if (held) return;
    for (const freshet_reply& reply : std::exchange(kept_, {})) finish(reply, FRESHET_OK);
    for (const auto& [reply, update] : std::exchange(kept_intents_, {}))
      answer_intent(reply, update);
  }
  size_t kept() const { return kept_.size(); }

  static std::vector<uint8_t> state_of(std::string_view text) {
    Author author(7);
    return author.type({.root = "text"}, 0, text);
  }
  static std::string text_of(freshet_bytes state) {
    if (state.data == nullptr) return "none";
    crdt::Doc doc;
    if (!doc.apply(view(state))) return "not a state";
    std::string text;
    doc.text("text", text);
    return '"' + text + '"';
  }

 private:
  static void finish(freshet_reply reply, freshet_status status) {
    reply.to->done(reply.to->ctx, reply.token, status);
  }

  std::string line_of(const freshet_notice& notice) const {
    static constexpr const char* kNames[] = {"",        "connected", "disconnected",
                                             "updated", "message",   "deleted"};
    static constexpr const char* kMessages[] = {"", "update", "presence", "event"};
    std::string line =
        notice.kind == FRESHET_ROOM_MESSAGE ? kMessages[notice.message] : kNames[notice.kind];
    line += " " + std::string(view(notice.room));
    if ((wants_.states >> notice.kind & 1) != 0) line += " " + text_of(notice.state);
    if (notice.name.size != 0) line += " " + std::string(view(notice.name));
    if (notice.message > FRESHET_MESSAGE_UPDATE)
      line += " " + std::string(as_text(view(notice.data)));
    return line;
  }

  void judge(const freshet_notice& notice) {
    const std::string room(view(notice.room));
    const bool here = here_.contains(notice.session) && here_[notice.session] == room;
    const bool wrong =
        notice.kind == FRESHET_USER_CONNECTED ? !known_.insert(notice.session).second
        // In a cluster somebody may have come back before that is told.
        : notice.kind == FRESHET_ROOM_DELETED
            ? notice.id == 0 &&
                  std::ranges::any_of(here_, [&](const auto& each) { return each.second == room; })
        : notice.kind == FRESHET_STORAGE_UPDATED ? false
                                                 : !here;
    if (wrong && misled.empty()) misled = line_of(notice);
    if (notice.kind == FRESHET_USER_CONNECTED) here_[notice.session] = room;
    if (notice.kind == FRESHET_ROOM_DELETED && notice.id != 0) ends.insert(notice.id);
    if (notice.kind == FRESHET_USER_DISCONNECTED) here_.erase(notice.session);
  }

  void note(const freshet_notice& notice, freshet_reply reply) {
    judge(notice);
    heard.push_back(line_of(notice));
    asks_left_ = asks_until_settled;
    if (said_settled_ && misled.empty()) misled = heard.back() + " after it was settled";
    sessions.push_back(notice.session);
    users.emplace_back(view(notice.user));
    held_ ? kept_.push_back(reply) : finish(reply, static_cast<freshet_status>(answer));
  }

  void give_first(std::string_view room, freshet_reply reply) {
    asked.emplace_back(room);
    const auto known = first.find(std::string(room));
    std::vector<uint8_t> state = first_bytes;
    if (known != first.end()) state = state_of(known->second);
    const freshet_item item{FRESHET_APP_STATE, 0, to_c(Bytes(state))};
    if (!state.empty()) reply.to->write(reply.to->ctx, reply.token, &item);
    held_ ? kept_.push_back(reply) : finish(reply, static_cast<freshet_status>(first_answer));
  }

  void note_intent(const char* what, const freshet_intent& about, freshet_reply reply) {
    intents.push_back(std::string(what) + " " + std::string(view(about.room)));
    const std::string update(as_text(view(about.update)));
    const bool is_held = held_ || (holds_intent && holds_intent(update));
    if (!is_held) return answer_intent(reply, update);
    kept_intents_.emplace_back(reply, update);
  }
  void answer_intent(freshet_reply reply, std::string_view update) const {
    const Status status = judge_intent ? judge_intent(update) : Status::ok;
    const freshet_item why{FRESHET_APP_REASON, 0, to_c(as_bytes(reason))};
    if (status == Status::denied) reply.to->write(reply.to->ctx, reply.token, &why);
    finish(reply, static_cast<freshet_status>(status));
  }

  bool ask_settled() {
    if (asks++ == 0) heard_when_asked = heard.size();
    if (asks_left_ != 0) --asks_left_;
    return said_settled_ = settled();
  }

  const freshet_app_wants wants_;
  uint64_t asks_left_ = 0;
  bool said_settled_ = false;
  std::map<uint64_t, std::string> here_;  // sessions, and their rooms
  std::set<uint64_t> known_;
  bool held_ = false;
  std::vector<freshet_reply> kept_;
  std::vector<std::pair<freshet_reply, std::string>> kept_intents_;
  const freshet_app table_ = {
      .size = sizeof(freshet_app),
      .self = this,
      .wants = [](void* self,
                  freshet_app_wants* out) { *out = static_cast<SimApp*>(self)->wants_; },
      .initial_storage =
          [](void* self, freshet_str room, freshet_reply reply) {
            static_cast<SimApp*>(self)->give_first(view(room), reply);
          },
      .notice = [](void* self, const freshet_notice* notice,
                   freshet_reply reply) { static_cast<SimApp*>(self)->note(*notice, reply); },
      .procedures = nullptr,
      .call = nullptr,
      .settled = [](void* self) { return static_cast<SimApp*>(self)->ask_settled() ? 1 : 0; },
      .before_join =
          [](void* self, const freshet_intent* who, freshet_reply reply) {
            static_cast<SimApp*>(self)->note_intent("join", *who, reply);
          },
      .before_edit =
          [](void* self, const freshet_intent* what, freshet_reply reply) {
            static_cast<SimApp*>(self)->note_intent("edit", *what, reply);
          },
  };
};

}  // namespace freshet::sim
