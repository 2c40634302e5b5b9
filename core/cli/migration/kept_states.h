// core/cli/migration/kept_states.h: the states of documents that another server kept, one after the
// other.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/cli/command_line.h"

namespace freshet::cli {

struct KeptState {
  std::string from;  // where it was found, for a person: "row 3 of Room"
  std::string room;
  std::vector<uint8_t> update;  // Yjs v1; empty: nothing is kept for this room
  std::string fault;            // not empty: this one cannot be read, and why
};

// Holds one state at a time in memory, however many there are. [main]
class KeptStates {
 public:
  virtual ~KeptStates() = default;

  // Replaces `out`. False: there are no more; or failed().
  virtual bool next(KeptState& out) = 0;
  // The source itself cannot be read any further; told on stderr.
  virtual bool failed() const = 0;
};

// Of an SQLite file, which is only read and may be in use. Table and columns that the command does
// not name are looked for under the names that pluv's examples and platforms give them. Null: told
// on stderr.
std::unique_ptr<KeptStates> pluv_states_of_sqlite(const Command& command);

// Of the SQLite file of @hocuspocus/extension-sqlite, which is only read and may be in use: a table
// "documents" with "name" and "data", unless the command says otherwise. Null: told on stderr.
std::unique_ptr<KeptStates> hocuspocus_states_of_sqlite(const Command& command);

// Of a folder: a file for each room, its name percent-encoded where it has to be, its content
// base64. What begins with a dot is passed over. Null: told on stderr.
std::unique_ptr<KeptStates> pluv_states_of_folder(const Command& command);

class StateEngine;

// Of the folder of LevelDB in which a y-websocket server kept its documents (YPERSISTENCE), each
// put together by `engine`, which outlives it. No server may have it open. Null: told on stderr.
std::unique_ptr<KeptStates> y_websocket_states(const Command& command, const StateEngine& engine);

// Of the folder that a y-sweet server was given: a document in each folder of it, put together by
// `engine`, which outlives it. No server should write there meanwhile: a file that is half written
// is one that cannot be read. Null: told on stderr.
std::unique_ptr<KeptStates> y_sweet_states(const Command& command, const StateEngine& engine);

// What is kept in a file of its own. The answer is what is wrong; empty: `out` has it.
std::string read_state_file(const std::filesystem::path& path, std::string& out);

// As pluv encodes states: standard base64, white space passed over. Nothing: it is none.
std::optional<std::vector<uint8_t>> decode_state(std::string_view base64);

}  // namespace freshet::cli
