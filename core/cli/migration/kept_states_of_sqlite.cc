// Encoded states in a table of an SQLite file.
#include <sqlite3.h>

#include <algorithm>
#include <iostream>
#include <span>

#include "core/cli/migration/kept_states.h"
#include "core/report/printable.h"

namespace freshet::cli {
namespace {

constexpr int kBusyMs = 5000;  // the app may be writing

// The names that pluv's documentation, its own tests and its platform for Cloudflare use. SQLite
// tells no upper case from lower.
constexpr const char* kTables[] = {"__pluv_storage", "room", "rooms"};
constexpr const char* kRoomColumns[] = {"room",    "name",   "room_name", "roomName",
                                        "room_id", "roomId", "id"};
constexpr const char* kStorageColumns[] = {"data",           "storage",       "encoded_storage",
                                           "encodedStorage", "encoded_state", "encodedState",
                                           "state"};

// What @hocuspocus/extension-sqlite makes unless it is told otherwise.
constexpr const char* kHocuspocusTables[] = {"documents"};
constexpr const char* kHocuspocusNames[] = {"name"};
constexpr const char* kHocuspocusData[] = {"data"};

struct Close {
  void operator()(sqlite3* file) const { sqlite3_close_v2(file); }
};
struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using File = std::unique_ptr<sqlite3, Close>;
using Rows = std::unique_ptr<sqlite3_stmt, Finalize>;

std::string text_of(sqlite3_stmt* row, int column) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(row, column));
  return text == nullptr
             ? std::string()
             : std::string(text, static_cast<size_t>(sqlite3_column_bytes(row, column)));
}

// An SQL identifier, or with ' a text.
std::string in_quotes(std::string_view name, char quote = '"') {
  std::string out(1, quote);
  for (const char c : name) out.append(c == quote ? 2 : 1, c);
  return out + quote;
}

bool same_name(const std::string& a, const char* b) { return sqlite3_stricmp(a.c_str(), b) == 0; }

class Source {
 public:
  explicit Source(std::string file) : name_(std::move(file)) {}

  bool open() {
    sqlite3* file = nullptr;
    const int opened = sqlite3_open_v2(name_.c_str(), &file, SQLITE_OPEN_READONLY, nullptr);
    file_.reset(file);
    if (opened != SQLITE_OK) return complain();
    sqlite3_busy_timeout(file, kBusyMs);
    return true;
  }

  // SQLite's words for what went wrong last.
  bool complain() const { return complain(sqlite3_errmsg(file_.get())); }
  bool complain(const std::string& what) const {
    std::cerr << printable(name_) << ": " << printable(what) << "\n";
    return false;
  }

  Rows ask(const std::string& sql) const {
    sqlite3_stmt* rows = nullptr;
    if (sqlite3_prepare_v2(file_.get(), sql.c_str(), -1, &rows, nullptr) != SQLITE_OK) complain();
    return Rows(rows);
  }

  // Names of tables and views, or of the columns of one.
  bool names(const std::string& sql, std::vector<std::string>& out) const {
    const Rows rows = ask(sql);
    if (!rows) return false;
    int step = SQLITE_OK;
    while ((step = sqlite3_step(rows.get())) == SQLITE_ROW) out.push_back(text_of(rows.get(), 0));
    return step == SQLITE_DONE || complain();
  }

 private:
  std::string name_;
  File file_;
};

std::string listed(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& name : names) out += (out.empty() ? "" : ", ") + in_quotes(name);
  return out.empty() ? "none" : out;
}

// The one in `there` that is asked for, or else the first of the usual ones that is there.
std::optional<std::string> pick(const std::vector<std::string>& there, const std::string& asked,
                                std::span<const char* const> usual) {
  const auto find = [&](const char* name) -> std::optional<std::string> {
    const auto at = std::ranges::find_if(
        there, [&](const std::string& other) { return same_name(other, name); });
    if (at == there.end()) return std::nullopt;
    return *at;
  };
  if (!asked.empty()) return find(asked.c_str());
  for (const char* name : usual) {
    if (auto found = find(name)) return found;
  }
  return std::nullopt;
}

class TableStates final : public KeptStates {
 public:
  TableStates(Source source, std::string table, Rows rows)
      : source_(std::move(source)), table_(std::move(table)), rows_(std::move(rows)) {}

  bool next(KeptState& out) override {
    const int step = sqlite3_step(rows_.get());
    if (step != SQLITE_ROW) {
      failed_ = step != SQLITE_DONE;
      if (failed_) source_.complain();
      return false;
    }
    out = {.from = "row " + std::to_string(++row_) + " of " + table_,
           .room = text_of(rows_.get(), 0),
           .update = {},
           .fault = {}};
    read(out);
    return true;
  }

  bool failed() const override { return failed_; }

 private:
  void read(KeptState& out) const {
    switch (sqlite3_column_type(rows_.get(), 1)) {
      case SQLITE_NULL: return;
      case SQLITE_BLOB: {
        const auto* bytes = static_cast<const uint8_t*>(sqlite3_column_blob(rows_.get(), 1));
        const auto size = static_cast<size_t>(sqlite3_column_bytes(rows_.get(), 1));
        if (size > 0) out.update.assign(bytes, bytes + size);
        return;
      }
      case SQLITE_TEXT: {
        auto update = decode_state(text_of(rows_.get(), 1));
        if (!update) return void(out.fault = "is not base64");
        out.update = *std::move(update);
        return;
      }
      default: out.fault = "is a number, neither base64 nor a blob";
    }
  }

  Source source_;
  std::string table_;
  Rows rows_;  // ends before the source
  uint64_t row_ = 0;
  bool failed_ = false;
};

// What the command does not name is looked for under these.
struct UsualNames {
  std::span<const char* const> tables, rooms, storages;
};

std::unique_ptr<KeptStates> states_of_sqlite(const Command& command, const UsualNames& usual) {
  Source source(command.sqlite);
  std::vector<std::string> tables, columns;
  const bool read =
      source.open() &&
      source.names("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')", tables);
  if (!read) return nullptr;
  const auto table = pick(tables, command.table, usual.tables);
  if (!table) {
    source.complain("which table has the states? Say --table; there are: " + listed(tables));
    return nullptr;
  }
  if (!source.names("SELECT name FROM pragma_table_info(" + in_quotes(*table, '\'') + ")",
                    columns)) {
    return nullptr;
  }
  const auto room = pick(columns, command.room_column, usual.rooms);
  const auto storage = pick(columns, command.storage_column, usual.storages);
  if (!room || !storage) {
    source.complain("table " + in_quotes(*table) + ": which columns have the room's name and its " +
                    "state? Say --room-column and --storage-column; there are: " + listed(columns));
    return nullptr;
  }
  Rows rows = source.ask("SELECT " + in_quotes(*room) + ", " + in_quotes(*storage) + " FROM " +
                         in_quotes(*table));
  if (!rows) return nullptr;
  return std::make_unique<TableStates>(std::move(source), *table, std::move(rows));
}

}  // namespace

std::unique_ptr<KeptStates> pluv_states_of_sqlite(const Command& command) {
  return states_of_sqlite(command, {kTables, kRoomColumns, kStorageColumns});
}

std::unique_ptr<KeptStates> hocuspocus_states_of_sqlite(const Command& command) {
  return states_of_sqlite(command, {kHocuspocusTables, kHocuspocusNames, kHocuspocusData});
}

}  // namespace freshet::cli
