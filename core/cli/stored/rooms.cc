#include "core/cli/stored/rooms.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "core/cli/composition.h"
#include "core/cli/limits.h"
#include "core/cli/stored/admin_client.h"
#include "core/report/printable.h"

namespace freshet::cli {
namespace {

constexpr size_t kReadBytes = size_t{64} << 10;

ExitCode ended(const Command& command, Status status) {
  if (status == Status::not_found) {
    std::cerr << "there is no room \"" << printable(command.room) << "\"\n";
  }
  return exit_code(status);
}

ExitCode list(Rooms& rooms, const Command& command) {
  std::string after = command.after;
  uint64_t left = command.limit == 0 ? UINT64_MAX : command.limit;
  while (left > 0) {
    const auto limit = static_cast<uint32_t>(std::min<uint64_t>(left, kPageEntries));
    const auto page = rooms.list(after, limit);
    if (!page) return ended(command, page.status());
    for (const auto& [name, bytes] : *page) {
      if (command.json) {
        const nlohmann::json line = {{"name", name}, {"bytes", bytes}};
        std::cout << line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << "\n";
      } else {
        std::cout << bytes << "\t" << printable(name) << "\n";
      }
    }
    // A name that is not UTF-8 comes back changed from a server: do not go round in circles.
    if (page->size() < limit || page->back().name <= after) break;
    after = page->back().name;
    left -= page->size();
  }
  return kOk;
}

ExitCode write_out(const std::string& bytes, const std::string& file) {
  if (file.empty()) {
    std::cout << bytes << std::flush;
    return std::cout ? kOk : kFailed;
  }
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out << bytes << std::flush;
  if (out) return kOk;
  std::cerr << file << ": cannot be written\n";
  return kFailed;
}

ExitCode export_room(Rooms& rooms, const Command& command) {
  if (!command.json && command.file.empty() && isatty(STDOUT_FILENO) == 1) {
    std::cerr << "an update is binary: say -o FILE, or --json\n";
    return kUsage;
  }
  const auto state = command.json ? rooms.json(command.room) : rooms.update(command.room);
  if (!state) return ended(command, state.status());
  return write_out(command.json ? *state + "\n" : *state, command.file);
}

// Up to the bound and a byte: what is piped in may have no end.
std::string read_bounded(std::istream& in) {
  std::string bytes;
  std::string part(kReadBytes, '\0');
  while (in && bytes.size() <= kMaxImportBytes) {
    in.read(part.data(), static_cast<std::streamsize>(part.size()));
    bytes.append(part, 0, static_cast<size_t>(in.gcount()));
  }
  return bytes;
}

std::optional<std::string> read_in(const std::string& file) {
  std::error_code no_size;
  const bool too_large =
      file != "-" && std::filesystem::file_size(file, no_size) > kMaxImportBytes && !no_size;
  std::ifstream opened;
  if (file != "-") opened.open(file, std::ios::binary);
  std::istream& in = file == "-" ? std::cin : opened;
  std::string bytes = too_large ? std::string() : read_bounded(in);
  if (too_large || bytes.size() > kMaxImportBytes) {
    std::cerr << file << ": is larger than 1 GiB\n";
    return std::nullopt;
  }
  if (in.bad() || (file != "-" && !opened.is_open()) || bytes.empty()) {
    std::cerr << file << ": cannot be read, or is empty\n";
    return std::nullopt;
  }
  return bytes;
}

ExitCode import_room(Rooms& rooms, const Command& command) {
  const auto update = read_in(command.file);
  return update ? ended(command, rooms.import(command.room, *update)) : kFailed;
}

ExitCode backup(Rooms& rooms, const Command& command) {
  // The server's working directory may be another.
  return ended(command, rooms.backup(std::filesystem::absolute(command.file).string()));
}

// Not by way of a server, which has its rooms in memory, and not through an open store, which may
// not open for the damage that is to be mended.
ExitCode restore(const Command& command) {
  Loaded loaded(command.source(), Composition::any, FRESHET_INFO);
  if (!loaded.ok()) return kManifest;
  const std::string& admin = loaded.manifest().server.admin;
  if (!admin.empty() && AdminClient::connect(loaded.manifest().server)) {
    std::cerr << "a server has the store and answers at " << admin << ": stop it first\n";
    return kBusy;
  }
  if (!loaded.take_store()) return kBusy;
  if (!loaded.host().restores()) {
    std::cerr << loaded.manifest().file << ": no plugin of it restores backups of a store\n";
    return kFailed;
  }
  return exit_code(loaded.host().restore_store(command.file));
}

}  // namespace

std::unique_ptr<Rooms> open_rooms(const ManifestSource& source, ExitCode& exit) {
  const auto manifest = manifest_of(source, exit);
  if (!manifest) return nullptr;
  if (!manifest->server.admin.empty()) {
    if (auto rooms = rooms_of_server(manifest->server)) return rooms;
  }
  return rooms_of_store(source, exit);
}

ExitCode run_rooms(const Command& command) {
  if (command.what == Command::What::rooms_restore) return restore(command);
  const ManifestSource source = command.source();
  if (command.what != Command::What::rooms_import && !source.has_served())
    return tell_no_manifest();
  ExitCode exit = kFailed;
  const auto rooms = open_rooms(source, exit);
  if (rooms == nullptr) return exit;
  switch (command.what) {
    case Command::What::rooms_list: return list(*rooms, command);
    case Command::What::rooms_export: return export_room(*rooms, command);
    case Command::What::rooms_import: return import_room(*rooms, command);
    case Command::What::rooms_delete: return ended(command, rooms->erase(command.room));
    case Command::What::rooms_backup: return backup(*rooms, command);
    default: break;
  }
  const auto shown = rooms->show(command.room);
  if (!shown) return ended(command, shown.status());
  std::cout << *shown << (shown->ends_with('\n') ? "" : "\n");
  return kOk;
}

}  // namespace freshet::cli
