#include "options.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <ctime>
#include <map>

#include "limits.h"

namespace freshet::load {

namespace {

void add_target(CLI::App& app, Scenario& s, std::string& at) {
  const std::map<std::string, WireKind> wires{{"yjs", WireKind::yjs},
                                              {"pluv", WireKind::pluv},
                                              {"hocuspocus", WireKind::hocuspocus},
                                              {"floor", WireKind::floor}};
  app.add_option("--wire", s.wire,
                 "yjs, pluv, hocuspocus; or floor: no server, but a process that only sends")
      ->transform(CLI::CheckedTransformer(wires));
  app.add_option("--at", at, "address of the server, on this machine: 127.0.0.1:4747");
  app.add_option("--path", s.path,
                 "before the room, /yjs or /pluv if not given; for hocuspocus all of it, /");
  app.add_option("--token", s.token, "hocuspocus: sent when asked who it is");
  app.add_option("--acks", s.acks, "pluv: ask for notes of what is saved (?acks=1)")
      ->capture_default_str();
  app.add_option(
         "--awareness", s.awareness,
         "yjs, hocuspocus: clients show themselves, by which a server knows their client ids")
      ->capture_default_str();
  app.add_option("--room-prefix", s.room_prefix,
                 "of the rooms' names; another one each run if not given");
}

void add_load(CLI::App& app, Scenario& s) {
  app.add_option("--rooms", s.rooms)->check(CLI::Range(1u, kMaxRooms))->capture_default_str();
  app.add_option("--clients", s.clients, "of a room, writers among them")
      ->check(CLI::Range(1u, kMaxClients))
      ->capture_default_str();
  app.add_option("--writers", s.writers, "of a room")
      ->check(CLI::Range(0u, kMaxClients))
      ->capture_default_str();
  app.add_option("--edits-per-second", s.edits_per_second, "of a writer")
      ->check(CLI::Range(0.001, kMaxEditsPerSecond))
      ->capture_default_str();
  app.add_option("--edit-bytes", s.edit_bytes, "letters of an edit")
      ->check(CLI::Range(1u, kMaxEditBytes))
      ->capture_default_str();
  app.add_option("--presence-writers", s.presence_writers, "of a room")->capture_default_str();
  app.add_option("--presence-per-second", s.presence_per_second, "of each of them")
      ->check(CLI::Range(0.001, 1000.0))
      ->capture_default_str();
  app.add_option("--churn-per-second", s.churn_per_second,
                 "readers that leave, and as many that come, all rooms together")
      ->check(CLI::Range(0.0, 10'000.0))
      ->capture_default_str();
  app.add_option("--paused", s.paused, "readers that stop reading for a while, all rooms together")
      ->capture_default_str();
  app.add_option("--pause-s", s.pause_s, "for so long")->capture_default_str();
  app.add_option("--document-bytes", s.document_bytes, "of each room before the others come")
      ->check(CLI::Range(uint64_t{0}, kMaxDocumentBytes))
      ->capture_default_str();
}

void add_storm(CLI::App& app, Scenario& s) {
  auto* storm = app.add_flag("--storm", s.storm,
                             "all clients come at once, and again after a second if they are "
                             "refused; nobody edits");
  app.add_option("--storm-after-s", s.storm_after_s,
                 "since who brought the documents has left; 0: while they are still there")
      ->check(CLI::Range(0.0, 3600.0))
      ->needs(storm)
      ->capture_default_str();
  app.add_option("--storm-limit-s", s.storm_limit_s, "how long to wait for the last")
      ->check(CLI::Range(0.1, 3600.0))
      ->needs(storm)
      ->capture_default_str();
}

void add_run(CLI::App& app, Scenario& s) {
  app.add_option("--warmup-s", s.warmup_s)->check(CLI::Range(0.0, 3600.0))->capture_default_str();
  app.add_option("--duration-s", s.duration_s)
      ->check(CLI::Range(0.1, 86'400.0))
      ->capture_default_str();
  app.add_option("--settle-s", s.settle_s, "how long to wait for what has not come at the end")
      ->check(CLI::Range(0.0, 3600.0))
      ->capture_default_str();
  app.add_option("--seed", s.seed)->capture_default_str();
  app.add_option("--tick-us", s.tick_us,
                 "edits due within it are sent together; 0: each at its time")
      ->check(CLI::Range(0u, 1000u))
      ->capture_default_str();
  app.add_option("--cpu", s.cpu, "the processor this runs on");
  app.add_option("--floor-cpu", s.floor_cpu, "floor: the processor of the process that sends");
  app.add_option("--floor-window-us", s.floor_window_us, "floor: what comes within it is one frame")
      ->check(CLI::Range(0u, 1'000'000u))
      ->capture_default_str();
  app.add_option("--server-pid", s.server_pid, "whose time and memory to measure");
  app.add_option("--json", s.json, "file for the figures");
}

// What no single option can say of itself; empty: nothing.
std::string contradiction_of(const Scenario& s) {
  const uint64_t all = uint64_t{s.rooms} * s.clients;
  if (all > kMaxClients)
    return "more than " + std::to_string(kMaxClients) + " clients: one address has no more ports";
  if (s.writers > s.clients) return "more writers than clients in a room";
  if (s.presence_writers > s.clients) return "more who show themselves than clients in a room";
  if (s.churn_per_second > 0 && s.staying() == s.clients)
    return "churn takes clients who only read, and all write or show themselves";
  if (!s.awareness && (s.wire == WireKind::pluv || s.presence_writers > 0))
    return "without awareness there is nothing but the edits of yjs and hocuspocus";
  if (s.paused > uint64_t{s.rooms} * (s.clients - s.writers))
    return "more paused readers than readers";
  if (s.storm && (s.churn_per_second > 0 || s.paused > 0 || s.presence_writers > 0))
    return "nobody comes or goes after a storm, pauses or shows himself";
  if (s.wire == WireKind::floor &&
      (s.churn_per_second > 0 || s.presence_writers > 0 || s.document_bytes > 0 || s.storm)) {
    return "the floor has edits alone: no churn, presence, document or storm";
  }
  return {};
}

// A port on this machine; what others' machines bear is not ours to find out.
std::string split_address(const std::string& at, Scenario& s) {
  const size_t colon = at.rfind(':');
  const std::string host = at.substr(0, colon);
  if (colon == std::string::npos) return "--at has no port: 127.0.0.1:4747";
  if (host != "localhost" && !host.starts_with("127."))
    return "--at is for servers on this machine: 127.0.0.1:PORT";
  const int port = std::atoi(at.c_str() + colon + 1);
  if (port < 1 || port > 0xffff) return "--at has no port: 127.0.0.1:4747";
  s.host = host == "localhost" ? "127.0.0.1" : host;
  s.port = static_cast<uint16_t>(port);
  return {};
}

// Also on a server that has been used before every room is new.
std::string new_prefix() {
  char out[32];
  std::snprintf(out, sizeof(out), "load-%llx-%x",
                static_cast<unsigned long long>(std::time(nullptr)),
                static_cast<unsigned>(getpid()));
  return out;
}

}  // namespace

std::optional<Scenario> read_scenario(int argc, char** argv, int& exit_code) {
  Scenario s;
  std::string at = "127.0.0.1:4747";
  CLI::App app{
      "Loads a collaboration server as its clients would, on time whatever it does, and measures "
      "it."};
  app.set_config("--scenario", "", "TOML file with options by their names");
  app.allow_config_extras(CLI::config_extras_mode::error);
  add_target(app, s, at);
  add_load(app, s);
  add_storm(app, s);
  add_run(app, s);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    exit_code = app.exit(error) == 0 ? 0 : 2;
    return std::nullopt;
  }
  std::string wrong = s.wire == WireKind::floor ? "" : split_address(at, s);
  if (wrong.empty()) wrong = contradiction_of(s);
  if (!wrong.empty()) {
    std::fprintf(stderr, "load: %s\n", wrong.c_str());
    exit_code = 2;
    return std::nullopt;
  }
  if (s.room_prefix.empty()) s.room_prefix = new_prefix();
  if (app.count("--path") == 0)
    s.path = s.wire == WireKind::pluv ? "/pluv" : s.wire == WireKind::yjs ? "/yjs" : "/";
  if (s.wire != WireKind::hocuspocus && s.path == "/") s.path.clear();
  return s;
}

}  // namespace freshet::load
