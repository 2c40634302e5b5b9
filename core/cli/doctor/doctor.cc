#include "core/cli/doctor/doctor.h"

#include <iostream>
#include <nlohmann/json.hpp>

#include "core/cli/doctor/certificates.h"
#include "core/cli/doctor/disk.h"
#include "core/cli/doctor/far/far.h"
#include "core/cli/doctor/listeners.h"
#include "core/cli/doctor/machine.h"
#include "core/cli/doctor/trial_store.h"
#include "core/cli/stored/admin_client.h"
#include "core/cli/stored/store_lock.h"
#include "core/guard/trial_load.h"
#include "core/host/plugin_host.h"
#include "core/report/log_spdlog.h"
#include "core/report/metrics.h"
#include "core/server/server.h"
#include "freshet/abi/auth.h"

namespace freshet::cli {
namespace {

const char* word_of(Finding::Grade grade) {
  switch (grade) {
    case Finding::Grade::good: return "good";
    case Finding::Grade::doubtful: return "doubtful";
    case Finding::Grade::wrong: return "WRONG";
  }
  return "";
}

void print(const Finding& finding) {
  std::string grade = word_of(finding.grade), about = finding.about;
  grade.resize(10, ' ');
  about.resize(13, ' ');
  std::cout << grade << about << finding.what << "\n";
  if (!finding.fix.empty()) std::cout << std::string(23, ' ') << "-> " << finding.fix << "\n";
}

void print_json(const Finding& finding) {
  std::cout << nlohmann::json{{"grade", word_of(finding.grade)},
                              {"about", finding.about},
                              {"what", finding.what},
                              {"fix", finding.fix}}
                   .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)
            << "\n";
}

ExitCode tell(const Findings& findings, bool json) {
  size_t wrong = 0, doubtful = 0;
  for (const Finding& each : findings.all()) {
    json ? print_json(each) : print(each);
    wrong += each.grade == Finding::Grade::wrong;
    doubtful += each.grade == Finding::Grade::doubtful;
  }
  if (!json) {
    std::cout << "\n"
              << wrong << " wrong, " << doubtful << " doubtful, "
              << findings.all().size() - wrong - doubtful << " good\n";
  }
  return wrong == 0 ? kOk : kFailed;
}

// A whole server that never runs: plugins are created as `freshet serve` creates them.
class Patient {
 public:
  explicit Patient(const ManifestSource& source)
      : problems_(source.name),
        manifest_(source.read(problems_)),
        trial_store_(manifest_),
        log_(manifest_.server.log, FRESHET_WARN, std::cerr),
        host_(log_, metrics_),
        server_(manifest_.limits, log_, metrics_, tables_) {
    const PluginPath path = PluginPath::with_own(manifest_.server.plugin_path);
    refuse_faulty(manifest_, try_loading(manifest_, path), problems_);
    tables_.offer_to(host_);
    host_.load(manifest_, path, Composition::server, problems_);
  }
  ~Patient() { server_.leave_plugins(); }
  Patient(const Patient&) = delete;
  Patient& operator=(const Patient&) = delete;

  // What is wrong with it as a text is on stderr then.
  bool is_readable() const {
    std::cerr << problems_.text();
    return problems_.empty();
  }

  // Somebody answers at the address of its admin.
  Running runs() const {
    return !manifest_.server.admin.empty() && AdminClient::connect(manifest_.server) ? Running::yes
                                                                                     : Running::no;
  }

  void create(Findings& out) {
    auto lock = StoreLock::take(manifest_.file, host_, std::chrono::milliseconds{0});
    if (!lock) {
      return out.wrong("plugins", "another process has the store of this manifest",
                       "end that process, or give this one a store of its own");
    }
    lock_ = *std::move(lock);
    Problems problems(manifest_.file);
    services_ = host_.create(problems);
    for (const Problem& each : problems.all()) {
      out.wrong(
          "plugins",
          manifest_.file + ":" + std::to_string(each.line) + ": " + each.key + ": " + each.reason,
          "what the lines above say");
    }
    if (problems.empty())
      out.good("plugins",
               std::to_string(host_.plugins().size()) + " are created as `freshet serve` would");
  }

  const Manifest& manifest() const { return manifest_; }
  // The file of its store, if that is one.
  std::optional<std::string> store_file() const {
    if (!trial_store_.instead_of().empty()) return trial_store_.instead_of();
    return host_.text(kFileStore, "path");
  }
  const PluginHost& host() const { return host_; }
  const Services& services() const { return services_; }

 private:
  Problems problems_;
  Manifest manifest_;
  TrialStore trial_store_;  // ends after the plugins
  SpdLog log_;
  Metrics metrics_;
  Server::Tables tables_;
  StoreLock lock_;
  PluginHost host_;  // ends after the server, which lives off its plugins
  Services services_;
  Server server_;
};

void look_at_plugins(const Patient& patient, Findings& out) {
  const PluginHost& host = patient.host();
  if (const auto most = host.number(kPlatform, "max_connections")) check_descriptors(*most, out);
  if (const auto path = patient.store_file()) check_disk(*path, out);
  const auto cert = host.text(kPlatform, "cert"), key = host.text(kPlatform, "key");
  if (cert && key && !cert->empty()) check_certificate(*cert, *key, out);
  for (const char* plugin : {"app-webhook", "auth-webhook"}) {
    if (const auto url = host.text(plugin, "url")) check_backend(plugin, *url, out);
  }
}

void look_at_who_may_come(const Patient& patient, Findings& out) {
  if (patient.host().offers(FRESHET_AUTH_ID))
    return out.good("auth", "clients are asked who they are");
  out.doubtful("auth",
               patient.manifest().server.open
                   ? "whoever reaches it, from anywhere, may edit any room"
                   : "whoever reaches it may edit any room; it is reached from this machine only",
               "an auth plugin: `freshet init --auth jwt` writes a manifest with one");
}

}  // namespace

ExitCode doctor(const ManifestSource& source, const Doubts& doubts) {
  Patient patient(source);
  if (!patient.is_readable()) return kManifest;
  Findings findings;
  findings.good("manifest", source.name + " can be read, and its plugins are there");
  const Running running = patient.runs();
  if (running == Running::yes) {
    findings.good("plugins", "a server of this manifest runs: they are not created once more");
  } else {
    patient.create(findings);
  }
  look_at_who_may_come(patient, findings);
  check_addresses(patient.manifest().server, patient.host(), running, findings);
  look_at_plugins(patient, findings);
  if (patient.services().platform) {
    check_memory(*patient.services().platform.table, patient.manifest().limits.documents_bytes,
                 findings);
  }
  check_clock(findings);
  if (!doubts.url.empty()) check_public_url(doubts.url, doubts.origin, findings);
  return tell(findings, doubts.json);
}

}  // namespace freshet::cli
