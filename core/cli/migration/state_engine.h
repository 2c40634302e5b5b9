// core/cli/migration/state_engine.h: the engine of a manifest, to look at states before anybody
// stores them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/cli/composition.h"
#include "core/store/document.h"

namespace freshet::cli {

class StateEngine {
 public:
  explicit StateEngine(const ManifestSource& manifest);

  // REQUIRES, of all below: it was true. False: told on stderr.
  bool open();

  size_t room_name_bytes() const { return loaded_.manifest().limits.room_name_bytes; }
  // A setting of a plugin of the manifest, as far as it is a number.
  std::optional<int64_t> setting(const char* plugin, const char* key) {
    return loaded_.host().number(plugin, key);
  }

  // Why not; empty: it can be loaded. `incomplete`: parts of it wait for edits that are not in it.
  std::string objection(Bytes update, bool& incomplete) const;

  // Updates of one document as one.
  Result<std::vector<uint8_t>> joined(const std::vector<std::vector<uint8_t>>& updates) const;

  // How what a room has now stands to a state that was kept elsewhere.
  enum class Standing {
    same,
    ahead,   // it has all of the state, and edits that the state lacks
    behind,  // the state has all of it, and edits that it lacks
    parted   // each has what the other lacks
  };
  Result<Standing> standing(Bytes room, Bytes state) const;

 private:
  Status load(Document& document, Bytes update, bool& changed) const;

  Loaded loaded_;
  Services services_;
};

}  // namespace freshet::cli
