// core/offered/server_table.h: rooms, as apps act in them from outside (freshet.server/0).
//
// Outlives the plugins and the server: calls that come before the server is there, or after it,
// are answered Status::retry. Its lock is there because plugins call from threads of their own.
#pragma once

#include <atomic>
#include <mutex>

#include "core/config/limits.h"
#include "core/offered/pending_answers.h"
#include "core/shards/shards.h"
#include "core/submissions/room_command.h"
#include "freshet/abi/server.h"
#include "freshet/sink.h"

namespace freshet {

class ServerTable {
 public:
  ServerTable();
  ServerTable(const ServerTable&) = delete;
  ServerTable& operator=(const ServerTable&) = delete;

  // What plugins are offered. [main]
  const freshet_server* table() const { return &c_; }

  void open(const Shards& shards, const Limits& limits,
            const std::atomic<bool>& draining);  // [main]
  // REQUIRES: the platform has ended. What still waits is answered Status::retry. [main]
  void close();

 private:
  static ServerTable& of(void* ctx) { return *static_cast<ServerTable*>(ctx); }
  Status act(std::string room, RoomCommand act);
  void ask(std::string room, RoomCommand act, freshet_reply reply);
  void answer(uint64_t token, Status status, Bytes state);

  std::mutex mutex_;  // guards what follows
  struct Running {
    const Shards* shards = nullptr;  // null: not running
    const Limits* limits = nullptr;
    const std::atomic<bool>* draining = nullptr;
  };
  Running running_;
  PendingAnswers waiting_;
  const freshet_server c_;
};

}  // namespace freshet
