// core/cli/command_line.h: what the operator asked for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/cli/dev/dev.h"
#include "core/cli/exit_code.h"
#include "core/cli/plugins/checker.h"
#include "core/cli/plugins/new_plugin.h"
#include "core/cli/plugins/signing.h"
#include "core/cli/setup/manifest_source.h"
#include "core/cli/setup/setup_commands.h"
#include "core/cli/words/completion.h"

namespace freshet::cli {

struct Command {
  enum class What {
    serve,
    check,
    plugins,
    plugin,
    token,
    token_explain,
    rooms_list,
    rooms_show,
    rooms_export,
    rooms_import,
    rooms_delete,
    rooms_backup,
    rooms_restore,
    outbox_topics,
    outbox_list,
    outbox_dead,
    outbox_show,
    outbox_replay,
    outbox_drop,
    migrate_pluv,
    migrate_hocuspocus,
    migrate_y_websocket,
    migrate_y_sweet,
    migrate_store,
    new_history,
    schema,
    dev,
    completion,
    init,
    doctor,
    studio,
  };
  What what = What::check;
  std::string manifest = "freshet.toml";
  bool manifest_is_named = false;  // else the built-in one will do where none is here
  ManifestSource source() const { return ManifestSource::of(manifest, manifest_is_named); }

  bool safe_mode = false;  // serve

  std::vector<std::string> plugin_folders;  // plugins --path
  NewPlugin new_plugin;                     // plugin new
  Signing signing;                          // plugin keygen, sign, verify
  TriedPlugin plugin;                       // plugin; plugins: what is inspected

  std::string room;    // token, rooms
  std::string user;    // token: a JSON object, or an id
  std::string claims;  // token: more of them, a JSON object
  bool read_only = false;
  std::string token;  // token explain
  bool pluv = false;  // token: an encrypted one, as pluv has them
  int64_t expires_ms = 3'600'000;

  std::string file;    // export: empty: stdout; import: "-": stdin; backup, restore
  bool json = false;   // list, export, outbox
  bool sure = false;   // import, delete, outbox drop
  uint64_t limit = 0;  // list; 0: all
  std::string after;   // list

  std::string topic;  // outbox; empty: all
  uint64_t id = 0;    // outbox show, replay, drop; 0: all

  // migrate: an SQLite file, or a folder. Empty: look for it.
  std::string sqlite, table, room_column, storage_column;
  std::string folder;
  bool dry_run = false;
  bool overwrite = false;
  std::string from, to;  // migrate store: manifests

  bool typescript = false;    // schema
  Shell shell = Shell::bash;  // completion
  Choices choices;            // init
  bool ask = false;           // init: a person, what to choose
  Doubts doubts;              // doctor
  uint16_t port = 0;          // studio; 0: any
  DevRun dev;
};

// Nothing if the program is to end at once with `exit`: help was asked for and printed, or the
// command line is wrong and stderr says how.
std::optional<Command> parse_command_line(int argc, const char* const* argv, ExitCode& exit);

}  // namespace freshet::cli
