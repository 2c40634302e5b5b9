#include "core/cli/stored/outbox.h"

#include <iostream>
#include <nlohmann/json.hpp>

#include "core/cli/composition.h"
#include "core/cli/limits.h"
#include "core/report/printable.h"

namespace freshet::cli {
namespace {

using Json = nlohmann::json;

std::unique_ptr<Outboxes> open_outboxes(const ManifestSource& source, ExitCode& exit) {
  if (!source.has_served()) {
    exit = tell_no_manifest();
    return nullptr;
  }
  const auto manifest = manifest_of(source, exit);
  if (!manifest) return nullptr;
  if (!manifest->server.admin.empty()) {
    if (auto outboxes = outboxes_of_server(manifest->server)) return outboxes;
  }
  return outboxes_of_store(source, exit);
}

void print(const Json& line) {
  std::cout << line.dump(-1, ' ', false, Json::error_handler_t::replace) << "\n";
}

// The one that was named, or all there are.
Result<std::vector<std::string>> topics_of(Outboxes& outboxes, const Command& command) {
  if (!command.topic.empty()) return std::vector<std::string>{command.topic};
  FRESHET_TRY(const auto all, outboxes.topics());
  std::vector<std::string> out;
  for (const Outboxes::Topic& topic : all) out.push_back(topic.name);
  return out;
}

ExitCode topics(Outboxes& outboxes, const Command& command) {
  const auto all = outboxes.topics();
  if (!all) return exit_code(all.status());
  for (const Outboxes::Topic& t : *all) {
    if (command.json) {
      print({{"topic", t.name},
             {"waiting", t.waiting},
             {"waiting_bytes", t.waiting_bytes},
             {"dead", t.dead},
             {"dead_bytes", t.dead_bytes}});
    } else {
      std::cout << t.waiting << "\t" << t.dead << "\t" << printable(t.name) << "\n";
    }
  }
  return kOk;
}

void print(const std::string& topic, const Outboxes::Entry& entry, bool json) {
  if (json) {
    Json line = {{"topic", topic},
                 {"id", entry.id},
                 {"key", entry.key},
                 {"time", entry.unix_ms},
                 {"bytes", entry.bytes}};
    if (entry.reason) line["reason"] = *entry.reason;
    return print(line);
  }
  std::cout << printable(topic) << "\t" << entry.id << "\t" << entry.unix_ms << "\t" << entry.bytes
            << "\t" << printable(entry.key);
  if (entry.reason) std::cout << "\t" << printable(*entry.reason);
  std::cout << "\n";
}

ExitCode list(Outboxes& outboxes, const Command& command, Outboxes::Of of) {
  const auto names = topics_of(outboxes, command);
  if (!names) return exit_code(names.status());
  for (const std::string& topic : *names) {
    for (uint64_t after = 0;;) {
      const auto page = outboxes.list(topic, of, after, kPageEntries);
      if (!page) return exit_code(page.status());
      for (const Outboxes::Entry& entry : *page) print(topic, entry, command.json);
      if (page->size() < kPageEntries) break;
      after = page->back().id;
    }
  }
  return kOk;
}

ExitCode no_entry(const Command& command, const char* what) {
  std::cerr << "there is no " << what << " " << command.id << "\n";
  return kNotFound;
}

ExitCode show(Outboxes& outboxes, const Command& command) {
  const auto names = topics_of(outboxes, command);
  if (!names) return exit_code(names.status());
  for (const std::string& topic : *names) {
    const auto body = outboxes.body(topic, command.id);
    if (body) return (std::cout << *body << std::flush) ? kOk : kFailed;
    if (body.status() != Status::not_found) return exit_code(body.status());
  }
  return no_entry(command, "entry");
}

ExitCode change(Outboxes& outboxes, const Command& command, Outboxes::Change what) {
  const auto names = topics_of(outboxes, command);
  if (!names) return exit_code(names.status());
  uint64_t changed = 0;
  for (const std::string& topic : *names) {
    const auto count = outboxes.change(topic, command.id, what);
    if (count) changed += *count;
    if (!count && count.status() != Status::not_found) return exit_code(count.status());
  }
  if (command.id != 0 && changed == 0) return no_entry(command, "dead entry");
  std::cout << changed << "\n";
  return kOk;
}

}  // namespace

ExitCode run_outbox(const Command& command) {
  ExitCode exit = kFailed;
  const auto outboxes = open_outboxes(command.source(), exit);
  if (outboxes == nullptr) return exit;
  switch (command.what) {
    case Command::What::outbox_topics: return topics(*outboxes, command);
    case Command::What::outbox_list: return list(*outboxes, command, Outboxes::Of::living);
    case Command::What::outbox_dead: return list(*outboxes, command, Outboxes::Of::dead);
    case Command::What::outbox_show: return show(*outboxes, command);
    case Command::What::outbox_replay: return change(*outboxes, command, Outboxes::Change::revive);
    default: return change(*outboxes, command, Outboxes::Change::drop);
  }
}

}  // namespace freshet::cli
