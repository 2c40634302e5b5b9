#include "core/cli/command_line.h"

#include <CLI/CLI.hpp>
#include <iostream>

#include "core/cli/limits.h"
#include "core/cli/plugins/new_command.h"
#include "core/cli/plugins/plugin_commands.h"
#include "core/cli/words/completion.h"
#include "core/cli/words/wrong_line.h"
#include "core/config/quantity.h"
#include "core/version.h"

namespace freshet::cli {
namespace {

constexpr const char* kFooter =
    "Exit codes: 0 done; 1 failed; 2 wrong command line; 3 wrong manifest or plugin;\n"
    "4 no such room or entry; 5 the store is held by another process, or not ready.";

// Each of these adds one command and what it takes.
class Grammar {
 public:
  Grammar(CLI::App& app, Command& out) : app_(app), out_(out) {
    serve();
    init();
    doctor();
    studio();
    check();
    plugins();
    plugin();
    token();
    rooms();
    outbox();
    migrate();
    cluster();
    schema();
    dev();
    completion();
  }

 private:
  using What = Command::What;

  CLI::App* command(CLI::App& in, const char* name, What what, const char* help) {
    CLI::App* added = in.add_subcommand(name, help);
    added->callback([this, what] { out_.what = what; });
    return added;
  }

  void serve() {
    CLI::App* at =
        command(app_, "serve", What::serve,
                "Run the server of a manifest; of the built-in one, if none is named and "
                "none is here");
    server_manifest(at);
    at->add_flag(
        "--safe-mode", out_.safe_mode,
        "With the plugins alone that the manifest calls essential = true; if it calls none "
        "so, without apps and pages");
  }

  void check() {
    CLI::App* at = command(app_, "check", What::check,
                           "Load and judge a manifest and its plugins; start nothing");
    server_manifest(at);
  }

  void init() {
    CLI::App* at =
        command(app_, "init", What::init, "Write a manifest, by a few questions or by options");
    add_init_options(*at, out_.choices);
  }

  void doctor() {
    CLI::App* at =
        command(app_, "doctor", What::doctor,
                "Try what a server of a manifest needs: what would go wrong, and the fix");
    server_manifest(at);
    add_doctor_options(*at, out_.doubts);
  }

  void studio() {
    CLI::App* at = command(app_, "studio", What::studio,
                           "Open a page that looks into the running server, for a browser on this "
                           "machine; prints its address");
    server_manifest(at);
    at->add_option("--port", out_.port, "Of the loopback; any if left out");
  }

  void server_manifest(CLI::App* at) {
    at->add_option_function<std::string>(
          "manifest",
          [this](const std::string& file) {
            out_.manifest = file;
            out_.manifest_is_named = true;
          },
          "The manifest")
        ->default_str(out_.manifest);
  }

  void plugins() {
    CLI::App* at = command(app_, "plugins", What::plugins,
                           "Tell what plugins there are, and what settings each takes");
    at->add_option("--path", out_.plugin_folders, "Look in this folder only (may be repeated)");
    at->add_option("plugin", out_.plugin.inspected,
                   "Only of this file: as `freshet plugin inspect`");
  }

  void plugin() {
    CLI::App* plugin =
        command(app_, "plugin", What::plugin, "For authors of plugins, and who signs them");
    add_plugin_commands(*plugin, out_.plugin);
    add_new_command(*plugin, out_.new_plugin);
    add_signing_commands(*plugin, out_.signing);
  }

  void manifest_option(CLI::App* at) {
    at->add_option("-m,--manifest", out_.manifest, "The manifest")
        ->capture_default_str()
        ->each([this](const std::string&) { out_.manifest_is_named = true; });
  }

  void token() {
    CLI::App* at =
        command(app_, "token", What::token, "Make a token by the auth plugin, and print it");
    manifest_option(at);
    CLI::Option* room =
        at->add_option("--room", out_.room,
                       "The room, or a pattern as the auth plugin has them; with --pluv a name");
    CLI::Option* user =
        at->add_option("--user", out_.user, "An id, or a JSON object with an \"id\"");
    at->add_option("--claims", out_.claims, "More claims, or other ones, as a JSON object");
    at->add_flag("--read-only", out_.read_only, "May look, not edit");
    at->add_flag("--pluv", out_.pluv, "An encrypted token, for pluv clients");
    at->add_option_function<std::string>(
          "--expires", [this](const std::string& text) { expires(text); }, "Like 10min, 1h, 30d")
        ->default_str("1h");
    explain(at);
    at->callback([this, at, room, user] {
      if (!at->get_subcommands().empty()) return;
      out_.what = What::token;
      for (const CLI::Option* each : {room, user}) {
        if (each->count() == 0) throw CLI::RequiredError(each->get_name());
      }
    });
  }

  void explain(CLI::App* token) {
    CLI::App* at = command(*token, "explain", What::token_explain,
                           "What a token says, and what this server makes of it");
    at->add_option("token", out_.token, "The token")->required();
    at->add_option("--room", out_.room, "For this room; else the one that it names");
    manifest_option(at);
  }

  void expires(const std::string& text) {
    const auto parsed = parse_quantity(text, "ms");
    if (!parsed || *parsed < 1000 || *parsed > kMaxExpiresMs) {
      throw CLI::ValidationError("--expires",
                                 "\"" + text + "\" is no time like 10min, 1h, 30d, up to 3650d");
    }
    out_.expires_ms = *parsed;
  }

  void rooms() {
    CLI::App* rooms = app_.add_subcommand(
        "rooms", "Rooms: of the running server by its admin address, else of the store");
    rooms->require_subcommand(1);

    CLI::App* list = command(*rooms, "list", What::rooms_list, "Names and stored bytes");
    list->add_option("--after", out_.after, "Begin after this name");
    list->add_option("--limit", out_.limit, "At most so many (0: all)");
    list->add_flag("--json", out_.json, "One JSON object a line");

    CLI::App* show = command(*rooms, "show", What::rooms_show, "One room's figures, as JSON");
    CLI::App* to = command(*rooms, "export", What::rooms_export,
                           "A room's state: one update in Yjs' v1 format");
    to->add_flag("--json", out_.json, "The content as JSON instead");
    to->add_option("-o,--output", out_.file, "Write here, not to stdout");
    CLI::App* from = command(*rooms, "import", What::rooms_import,
                             "Replace a room's state and history by an update of Yjs' v1 format");
    CLI::App* erase = command(*rooms, "delete", What::rooms_delete, "Erase a room for good");
    for (CLI::App* at : {show, to, from, erase}) {
      at->add_option("room", out_.room, "The room's name")->required();
    }
    from->add_option("file", out_.file, "The update; - is stdin")->required();
    for (CLI::App* at : {from, erase}) {
      at->add_flag("--yes", out_.sure, "Yes, what is stored may go")->required();
    }
    CLI::App* backup =
        command(*rooms, "backup", What::rooms_backup, "Copy the whole store, while it is used");
    backup->add_option("file", out_.file, "The copy; must not exist")->required();
    CLI::App* restore = command(*rooms, "restore", What::rooms_restore,
                                "Put a backup in the place of the whole store, while no server has "
                                "it; what was there is set aside");
    restore->add_option("file", out_.file, "The backup; it is checked, and stays")->required();
    for (CLI::App* at : {list, show, to, from, erase, backup, restore}) manifest_option(at);
  }

  void outbox() {
    CLI::App* outbox = app_.add_subcommand(
        "outbox", "What waits to be delivered: of the running server, else of the store");
    outbox->require_subcommand(1);
    CLI::App* topics =
        command(*outbox, "topics", What::outbox_topics, "Who has how many waiting, and dead");
    CLI::App* list = command(*outbox, "list", What::outbox_list, "Entries that wait");
    CLI::App* dead = command(*outbox, "dead", What::outbox_dead, "Entries given up, and why");
    CLI::App* show = command(*outbox, "show", What::outbox_show, "The body of an entry");
    CLI::App* replay =
        command(*outbox, "replay", What::outbox_replay, "Deliver dead entries again: one, or all");
    CLI::App* drop =
        command(*outbox, "drop", What::outbox_drop, "Forget dead entries: one, or all");
    for (CLI::App* at : {topics, list, dead}) {
      at->add_flag("--json", out_.json, "One JSON object a line");
    }
    for (CLI::App* at : {list, dead, show, replay, drop}) {
      at->add_option("--topic", out_.topic, "Of this topic only: of the plugin of this id");
    }
    for (CLI::App* at : {show, replay, drop}) {
      at->add_option("id", out_.id, "The entry's number")
          ->required(at == show)
          ->check(CLI::PositiveNumber);
    }
    drop->add_flag("--yes", out_.sure, "Yes, they may go")->required();
    for (CLI::App* at : {topics, list, dead, show, replay, drop}) manifest_option(at);
  }

  void migrate() {
    CLI::App* from =
        app_.add_subcommand("migrate", "What another server or store kept becomes rooms of this");
    from->require_subcommand(1);
    CLI::App* at =
        command(*from, "pluv", What::migrate_pluv,
                "The encoded states that a pluv app kept, of its server or its database");
    CLI::Option_group* source = at->add_option_group("source");
    source->add_option("--sqlite", out_.sqlite, "An SQLite file; states as base64 or as blobs");
    source->add_option("--folder", out_.folder, "A folder with a base64 file for each room");
    source->require_option(1);
    table_options(at, source->get_option("--sqlite"));
    at->add_flag("--overwrite", out_.overwrite, "Rooms that are there already may go");
    migrate_hocuspocus(*from);
    migrate_folder(*from, "y-websocket", What::migrate_y_websocket,
                   "The documents of a y-websocket server that had YPERSISTENCE, into a store "
                   "that no server has; run again, it goes on where it was",
                   "The folder of its LevelDB; no server has it open");
    migrate_folder(*from, "y-sweet", What::migrate_y_sweet,
                   "The documents of a y-sweet server that kept them in a folder, into a store "
                   "that no server has; run again, it goes on where it was",
                   "The folder it was given; not what it keeps in S3");
    migrate_store(*from);
  }

  void migrate_hocuspocus(CLI::App& migrate) {
    CLI::App* at = command(migrate, "hocuspocus", What::migrate_hocuspocus,
                           "The documents of @hocuspocus/extension-sqlite, into a store that no "
                           "server has; run again, it goes on where it was");
    CLI::Option* sqlite =
        at->add_option("sqlite", out_.sqlite, "The SQLite file; it is only read")->required();
    table_options(at, sqlite);
    at->add_flag("--overwrite", out_.overwrite, "Rooms that are there with other content may go");
  }

  void migrate_folder(CLI::App& migrate, const char* name, What what, const char* about,
                      const char* folder) {
    CLI::App* at = command(migrate, name, what, about);
    at->add_option("folder", out_.folder, folder)->required();
    at->add_flag("--overwrite", out_.overwrite, "Rooms that are there with other content may go");
    at->add_flag("--dry-run", out_.dry_run, "Check everything, store nothing");
    manifest_option(at);
  }

  void table_options(CLI::App* at, CLI::Option* sqlite) {
    at->add_option("--table", out_.table, "The table; else the usual ones are tried")
        ->needs(sqlite);
    at->add_option("--room-column", out_.room_column, "The column of the room's name")
        ->needs(sqlite);
    at->add_option("--storage-column", out_.storage_column, "The column of its state")
        ->needs(sqlite);
    at->add_flag("--dry-run", out_.dry_run, "Check everything, store nothing");
    manifest_option(at);
  }

  void migrate_store(CLI::App& migrate) {
    CLI::App* at =
        command(migrate, "store", What::migrate_store,
                "All that one store keeps, to another; run again, it goes on where it was");
    at->add_option("from", out_.from, "The manifest whose store is copied; no server has it")
        ->required();
    at->add_option("to", out_.to, "The manifest whose store takes it")->required();
    at->add_flag("--dry-run", out_.dry_run, "Look at everything, store nothing");
    at->add_flag("--overwrite", out_.overwrite,
                 "Rooms that are there with another history, or edited since, may go");
  }

  void cluster() {
    CLI::App* cluster = app_.add_subcommand("cluster", "Of all servers that share a store");
    cluster->require_subcommand(1);
    CLI::App* at = command(*cluster, "new-history", What::new_history,
                           "Once the database was put back to an earlier time, while no server "
                           "runs: every room goes on under a new epoch");
    manifest_option(at);
    at->add_flag("--yes", out_.sure, "Yes, what clients know of rooms is of another history")
        ->required();
  }

  void schema() {
    CLI::App* at = command(app_, "schema", What::schema,
                           "Print what clients may call, with the JSON Schemas of the apps");
    manifest_option(at);
    at->add_flag("--typescript", out_.typescript, "As types of TypeScript instead: a .d.ts");
  }

  void dev() {
    CLI::App* at = command(app_, "dev", What::dev,
                           "Try plugins in a server that is gone afterwards: a free port, a "
                           "temporary store; a plugin that is built anew is taken up");
    at->add_option("--plugin", out_.dev.plugins, "A plugin's file (may be repeated)")->required();
    at->add_option("--cmd", out_.dev.command,
                   "Run this meanwhile, with FRESHET_URL, FRESHET_WS_URL, FRESHET_PORT and "
                   "FRESHET_MANIFEST, and end with its exit code; without it: until Ctrl-C");
    at->add_option("-m,--manifest", out_.dev.manifest,
                   "The plugins and settings of this manifest; else all wires of Freshet's own");
  }

  void completion() {
    CLI::App* at = command(app_, "completion", What::completion,
                           "Print a script that completes these commands: of bash, zsh or fish");
    at->add_option_function<std::string>(
          "shell", [this](const std::string& name) { shell(name); }, "bash, zsh or fish")
        ->required();
  }

  void shell(const std::string& name) {
    if (name == "bash") {
      out_.shell = Shell::bash;
    } else if (name == "zsh") {
      out_.shell = Shell::zsh;
    } else if (name == "fish") {
      out_.shell = Shell::fish;
    } else {
      throw CLI::ValidationError("shell", "\"" + name + "\" is none of bash, zsh, fish");
    }
  }

  CLI::App& app_;
  Command& out_;
};

// CLI11 has a sentence for what is wrong with values; of words that it does not know it only says
// that they were not expected.
ExitCode tell(const CLI::App& app, const CLI::ParseError& error, int argc,
              const char* const* argv) {
  if (argc < 2) {
    std::cerr << what_to_do();
    return kUsage;
  }
  const std::string word = unknown_word(app, argc, argv);
  if (word.empty() || error.get_exit_code() == 0) return app.exit(error) == 0 ? kOk : kUsage;
  std::cerr << word << "\n`freshet --help` has all commands\n";
  return kUsage;
}

}  // namespace

std::optional<Command> parse_command_line(int argc, const char* const* argv, ExitCode& exit) {
  Command out;
  CLI::App app("Freshet: a realtime collaboration server made of plugins.", "freshet");
  app.set_version_flag("--version", std::string("freshet ") + kVersion);
  app.require_subcommand(1);
  app.footer(kFooter);
  const Grammar grammar(app, out);
  // CLI11 tells of everything but success by throwing; this is its edge.
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    exit = tell(app, e, argc, argv);
    return std::nullopt;
  }
  out.ask = is_to_ask(argc);
  if (out.what != Command::What::completion) return out;
  std::cout << completion(app, out.shell);
  exit = kOk;
  return std::nullopt;
}

}  // namespace freshet::cli
