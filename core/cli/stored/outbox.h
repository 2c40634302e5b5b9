// core/cli/stored/outbox.h: `freshet outbox`: what waits to be delivered, by way of a running
// server or without one.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/cli/command_line.h"
#include "core/config/manifest.h"
#include "freshet/result.h"

namespace freshet::cli {

// Every failure but not_found has been told on stderr when a function returns it. [main]
class Outboxes {
 public:
  struct Topic {
    std::string name;
    uint64_t waiting = 0, waiting_bytes = 0, dead = 0, dead_bytes = 0;
  };
  struct Entry {
    uint64_t id = 0;
    std::string key;
    uint64_t unix_ms = 0;
    uint64_t bytes = 0;
    std::optional<std::string> reason;  // of a dead one
  };
  enum class Of { living, dead };
  enum class Change { revive, drop };

  virtual ~Outboxes() = default;

  virtual Result<std::vector<Topic>> topics() = 0;
  // At most `limit` entries with ids greater than `after`, ascending.
  virtual Result<std::vector<Entry>> list(const std::string& topic, Of of, uint64_t after,
                                          uint32_t limit) = 0;
  virtual Result<std::string> body(const std::string& topic, uint64_t id) = 0;
  // Of dead entries: of one, or with id 0 of all. How many.
  virtual Result<uint64_t> change(const std::string& topic, uint64_t id, Change what) = 0;
};

// As for rooms; see core/cli/stored/rooms.h.
std::unique_ptr<Outboxes> outboxes_of_server(const Manifest::Server& server);
std::unique_ptr<Outboxes> outboxes_of_store(const ManifestSource& manifest, ExitCode& exit);

// One of the `freshet outbox` commands.
ExitCode run_outbox(const Command& command);

}  // namespace freshet::cli
