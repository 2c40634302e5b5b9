// core/cli/stored/rooms.h: `freshet rooms`: the stored rooms, by way of a running server or without
// one.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/cli/command_line.h"
#include "core/config/manifest.h"
#include "freshet/result.h"

namespace freshet::cli {

// Every failure but not_found has been told on stderr when a function returns it. [main]
class Rooms {
 public:
  struct Entry {
    std::string name;
    uint64_t stored_bytes;
  };

  virtual ~Rooms() = default;

  // At most `limit` names greater than `after`, ascending.
  virtual Result<std::vector<Entry>> list(const std::string& after, uint32_t limit) = 0;
  virtual Result<std::string> show(const std::string& room) = 0;    // a JSON object
  virtual Result<std::string> update(const std::string& room) = 0;  // Yjs v1
  virtual Result<std::string> json(const std::string& room) = 0;    // of its root types
  virtual Status import(const std::string& room, const std::string& update) = 0;
  virtual Status erase(const std::string& room) = 0;
  virtual Status backup(const std::string& path) = 0;
};

// The rooms of the server of a manifest, which has an admin address; null: nobody listens there.
std::unique_ptr<Rooms> rooms_of_server(const Manifest::Server& server);

// The rooms of the manifest's store, which nobody else may hold; null: told on stderr, and `exit`
// says of which kind.
std::unique_ptr<Rooms> rooms_of_store(const ManifestSource& manifest, ExitCode& exit);

// Those of the manifest's running server, or else of its store. Null: told on stderr, and `exit`
// says of which kind.
std::unique_ptr<Rooms> open_rooms(const ManifestSource& manifest, ExitCode& exit);

// One of the `freshet rooms` commands.
ExitCode run_rooms(const Command& command);

}  // namespace freshet::cli
