// The program: from a command line to one of its commands. serve() is the wiring of a server.
#include <unistd.h>

#include <iostream>
#include <string>
#include <vector>

#include "core/cli/command_line.h"
#include "core/cli/composition.h"
#include "core/cli/doctor/doctor.h"
#include "core/cli/doctor/listeners.h"
#include "core/cli/list_plugins.h"
#include "core/cli/migration/migrate.h"
#include "core/cli/plugins/checker.h"
#include "core/cli/plugins/new_plugin.h"
#include "core/cli/schema.h"
#include "core/cli/setup/init.h"
#include "core/cli/setup/manifest_source.h"
#include "core/cli/stored/claim_at_start.h"
#include "core/cli/stored/new_history.h"
#include "core/cli/stored/outbox.h"
#include "core/cli/stored/rooms.h"
#include "core/cli/stored/store_lock.h"
#include "core/cli/studio/studio.h"
#include "core/cli/supervisor.h"
#include "core/cli/tokens/explain_token.h"
#include "core/cli/tokens/print_token.h"
#include "core/cli/wall_clock.h"
#include "core/guard/safe_mode.h"
#include "core/guard/stop_signals.h"
#include "core/guard/trial_load.h"
#include "core/guard/watchdog.h"
#include "core/report/crash.h"
#include "core/server/server.h"
#include "core/version.h"

namespace freshet {
namespace {

// For the server before this one to end, as when a service is restarted.
constexpr std::chrono::seconds kStoreWait{5};

using cli::Command;
using cli::ExitCode;

// The platform says what failed; what people get wrong has a fix, which `freshet doctor` knows.
void tell_fixes(const Manifest::Server& server, const PluginHost& host, Log& log) {
  cli::Findings findings;
  cli::check_addresses(server, host, cli::Running::no, findings);
  for (const cli::Finding& each : findings.all()) {
    if (each.grade == cli::Finding::Grade::wrong)
      log.error("server", each.what + ". The fix: " + each.fix);
  }
}

Status listen(const Manifest::Server& to, const Offered<freshet_platform>& platform,
              const Server& server, Problems& problems) {
  std::vector<freshet_listener> listeners;
  for (const auto& address : to.listen) listeners.push_back({to_c(address), FRESHET_PUBLIC});
  if (!to.admin.empty()) listeners.push_back({to_c(to.admin), FRESHET_ADMIN});
  if (!to.metrics.empty()) listeners.push_back({to_c(to.metrics), FRESHET_METRICS});
  freshet_listen all{};
  all.size = sizeof(all);
  all.listeners = listeners.data();
  all.count = listeners.size();
  const Status status{platform->start(platform->self, &all, &server.events())};
  if (status == Status::malformed) {
    problems.add(to.listen_line, "server.listen",
                 "\"" + platform.plugin + "\" cannot listen as this and its settings in line " +
                     std::to_string(platform.line) + " say; the log says why");
  }
  return status;
}

AdminRules rules_of(const Manifest::Server& server) {
  return {.key = server.admin_key,
          .hosts = server.admin_hosts,
          .on_socket = server.admin.starts_with("unix:")};
}

// What a server that shares its store is told of this one.
std::string about(const Manifest::Server& server) {
  char host[256] = "a machine without a name";
  static_cast<void>(::gethostname(host, sizeof(host) - 1));
  std::string out = std::string("process ") + std::to_string(::getpid()) + " on " + host;
  for (const std::string& address : server.listen) out += ", " + address;
  return out;
}

// What the manifest is not to blame for has another code.
ExitCode not_created(Status failure) {
  if (failure == Status::retry) return cli::kBusy;
  return failure == Status::limit ? cli::kFailed : cli::kManifest;
}

// Those that answer later, from threads of their own, answer to what lives in the server.
class EndsWhoAnswers {
 public:
  EndsWhoAnswers(PluginHost& host, Server& server) : host_(host), server_(server) {}
  ~EndsWhoAnswers() {
    server_.leave_plugins();
    host_.end_but({FRESHET_CRDT_ID, FRESHET_PROTOCOL_ID, FRESHET_PLATFORM_ID});
  }
  EndsWhoAnswers(const EndsWhoAnswers&) = delete;
  EndsWhoAnswers& operator=(const EndsWhoAnswers&) = delete;

 private:
  PluginHost& host_;
  Server& server_;
};

Status run(const freshet_platform& platform, Server& server, Watchdog& watchdog,
           const cli::Supervisor& supervisor) {
  std::vector<const Pulse*> watched;
  for (Pulse& pulse : server.pulses()) {
    pulse.watch();
    watched.push_back(&pulse);
  }
  watchdog.watch(watched, server.health(),
                 {supervisor.alive_every(), [&supervisor] { supervisor.alive(); }});
  const Status ran{platform.run(platform.self)};
  watchdog.forget();
  return ran;
}

// What can be told of plugins before any of them is loaded here. There is no second thread yet.
void judge_apart(Manifest& manifest, const PluginPath& path, bool safe_mode, Log& log,
                 Problems& problems) {
  const TrialLoads tried = try_loading(manifest, path);
  if (safe_mode) {
    keep_essential(manifest, tried, log, problems);
  } else {
    refuse_faulty(manifest, tried, problems);
  }
}

ExitCode serve(const cli::ManifestSource& source, bool safe_mode) {
  const std::string& file = source.name;
  Problems problems(file);
  Manifest manifest = source.read(problems);
  SpdLog lines(manifest.server.log, manifest.server.log_level, std::cerr);
  LogTail log(lines, manifest.server.log_level, cli::wall_clock_ms);
  const PluginPath path = PluginPath::with_own(manifest.server.plugin_path);
  judge_apart(manifest, path, safe_mode, log, problems);
  Metrics metrics;
  Server::Tables tables;
  Steps steps;
  StopSignals signals(steps);
  Watchdog watchdog(steps, log, metrics);
  PluginHost host(log, metrics, &steps);  // ends last: the server lives off its plugins
  Services services;
  Server server(manifest.limits, log, metrics, tables, rules_of(manifest.server));

  tables.offer_to(host);
  host.load(manifest, path, Composition::server, problems);
  cli::StoreLock store_lock;
  if (problems.empty()) {
    auto lock = cli::StoreLock::take(file, host, kStoreWait);
    if (!lock) return cli::kBusy;
    store_lock = *std::move(lock);
    services = host.create(problems);
  }
  server.show(log, accounts_of(manifest, host));
  services.open = manifest.server.open;
  services.late_veto_allows = manifest.server.late_veto_allows;
  services.about = about(manifest.server);
  if (!problems.empty()) {
    std::cerr << problems.text();
    return not_created(host.failure());
  }
  if (!services.auth) log.warn("server", "no auth plugin: whoever reaches it may edit any room");

  // What fails from here on, and is not the manifest's fault, has logged why.
  const freshet_platform& platform = *services.platform.table;
  const EndsWhoAnswers ends_before_the_server(host, server);
  const cli::Supervisor supervisor(process_environment());
  server.when_stopping([&supervisor] { supervisor.stopping(); });
  Status started = server.start(services, problems);
  cli::ClaimAtStart claim(*services.store.table, log);
  if (started == Status::ok) {
    const ExitCode claimed =
        claim.take({server.node(), server.bus().claimant(server.node()), services.about});
    if (claimed != cli::kOk) return claimed;
  }
  if (started == Status::ok) {
    started = listen(manifest.server, services.platform, server, problems);
    if (started != Status::ok) tell_fixes(manifest.server, host, log);
  }
  if (started != Status::ok) {
    std::cerr << problems.text();
    return problems.empty() ? cli::kFailed : cli::kManifest;
  }
  log.info("server", std::string("freshet ") + kVersion + " serves " + file);
  if (source.built_in) {
    log.info(
        "server",
        "there is no freshet.toml here: `freshet init` writes one; documents are kept in ./data");
  }
  supervisor.ready(file +
                   (manifest.server.listen.empty() ? "" : " at " + manifest.server.listen[0]));
  const Status ran = run(platform, server, watchdog, supervisor);
  signals.take();
  log.info("server", ran == Status::ok ? "stopped" : "stopped before everything was done");
  return ran == Status::ok ? cli::kOk : cli::kFailed;
}

ExitCode run(const Command& command) {
  const auto source = command.source();
  switch (command.what) {
    case Command::What::serve: return serve(source, command.safe_mode);
    case Command::What::init: return cli::init(command.choices, command.ask);
    case Command::What::doctor: return cli::doctor(source, command.doubts);
    case Command::What::studio: return cli::open_studio(source, command.port);
    case Command::What::check: return cli::check(source);
    case Command::What::plugins:
      return command.plugin.inspected.empty() ? cli::list_plugins(command.plugin_folders)
                                              : cli::run_checker(command.plugin);
    case Command::What::plugin:
      if (command.signing.what != cli::Signing::What::nothing) {
        return cli::run_signing(command.signing);
      }
      return command.new_plugin.wanted ? cli::new_plugin(command.new_plugin)
                                       : cli::run_checker(command.plugin);
    case Command::What::token: return cli::print_token(command);
    case Command::What::token_explain: return cli::explain_token(command);
    case Command::What::outbox_topics:
    case Command::What::outbox_list:
    case Command::What::outbox_dead:
    case Command::What::outbox_show:
    case Command::What::outbox_replay:
    case Command::What::outbox_drop: return cli::run_outbox(command);
    case Command::What::migrate_pluv: return cli::migrate_pluv(command);
    case Command::What::migrate_hocuspocus: return cli::migrate_hocuspocus(command);
    case Command::What::migrate_y_websocket: return cli::migrate_y_websocket(command);
    case Command::What::migrate_y_sweet: return cli::migrate_y_sweet(command);
    case Command::What::migrate_store: return cli::migrate_store(command);
    case Command::What::new_history: return cli::begin_new_history(command);
    case Command::What::schema: return cli::print_schema(command);
    // Its own, or the command's, which may be any.
    case Command::What::dev: return static_cast<ExitCode>(cli::run_dev(command.dev));
    default: return cli::run_rooms(command);
  }
}

}  // namespace
}  // namespace freshet

int main(int argc, char** argv) {
  freshet::tell_of_crashes();
  freshet::cli::ExitCode exit = freshet::cli::kOk;
  const auto command = freshet::cli::parse_command_line(argc, argv, exit);
  return command ? freshet::run(*command) : exit;
}
