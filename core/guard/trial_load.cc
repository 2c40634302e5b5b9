#include "core/guard/trial_load.h"

#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <new>

#include "core/guard/apart.h"
#include "core/guard/limits.h"
#include "core/host/plugin_host.h"

namespace freshet {
namespace {

// Nobody is told twice: what is said here is said again when it is loaded to stay.
class NoLog final : public Log {
 public:
  void write(freshet_level, std::string_view, std::string_view) override {}
};

// Where the other process is: in memory of both.
class Whereabouts {
 public:
  Whereabouts() {
    void* memory = ::mmap(nullptr, sizeof(std::atomic<size_t>), PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory != MAP_FAILED) at_ = new (memory) std::atomic<size_t>(0);
  }
  ~Whereabouts() {
    if (at_ != nullptr) ::munmap(at_, sizeof(*at_));
  }
  Whereabouts(const Whereabouts&) = delete;
  Whereabouts& operator=(const Whereabouts&) = delete;

  explicit operator bool() const { return at_ != nullptr; }
  std::atomic<size_t>& at() const { return *at_; }

 private:
  std::atomic<size_t>* at_ = nullptr;
};

std::string fault_of(const Ended& ended) {
  std::string out = "crashes when it is loaded";
  if (ended.late) {
    out = "does not come back from being loaded, for " + std::to_string(kTrialLoad.count()) + " s";
  } else if (ended.signal != 0) {
    const char* name = ::sigabbrev_np(ended.signal);
    out += " (SIG" + std::string(name == nullptr ? "?" : name) + ")";
  } else {
    out = "ends the process when it is loaded (exit code " + std::to_string(ended.code) + ")";
  }
  return out;
}

// A line for each that it is loaded: its services, with tabs between.
std::string load_all(const Manifest& manifest, const PluginPath& path, const TrialLoads& known,
                     std::atomic<size_t>& at) {
  NoLog log;
  Metrics metrics;
  std::string said;
  for (size_t i = 0; i < manifest.plugins.size(); ++i) {
    at = i;
    if (known[i].fault.empty()) {
      Manifest alone;
      alone.file = manifest.file;
      alone.server = manifest.server;
      alone.plugins.push_back(manifest.plugins[i]);
      Problems unheard(manifest.file);
      PluginHost host(log, metrics);
      host.load(alone, path, Composition::any, unheard);
      for (const PluginFile* file : host.plugins()) {
        for (const std::string& id : file->offers()) said += id + "\t";
      }
    }
    said += '\n';
  }
  return said;
}

void read_offers(std::string_view said, TrialLoads& out) {
  for (TrialLoad& each : out) {
    const std::string_view line = said.substr(0, said.find('\n'));
    said.remove_prefix(std::min(line.size() + 1, said.size()));
    for (size_t begin = 0; begin < line.size();) {
      const size_t end = std::min(line.find('\t', begin), line.size());
      each.offers.emplace_back(line.substr(begin, end - begin));
      begin = end + 1;
    }
  }
}

}  // namespace

// One process for all of them, and one more for each that ends it.
TrialLoads try_loading(const Manifest& manifest, const PluginPath& path) {
  TrialLoads out(manifest.plugins.size());
  const Whereabouts where;
  if (!where) return out;
  for (size_t ended_early = 0; ended_early <= out.size(); ++ended_early) {
    const Ended ended =
        run_apart([&] { return load_all(manifest, path, out, where.at()); }, kTrialLoad);
    if (!ended.began) return out;
    if (ended.done) {
      read_offers(ended.said, out);
      return out;
    }
    if (where.at() >= out.size() || !out[where.at()].fault.empty()) return out;
    out[where.at()].fault = fault_of(ended);
  }
  return out;
}

void refuse_faulty(Manifest& manifest, const TrialLoads& tried, Problems& problems) {
  std::vector<Manifest::Plugin> good;
  for (size_t i = 0; i < manifest.plugins.size(); ++i) {
    Manifest::Plugin& plugin = manifest.plugins[i];
    if (tried[i].fault.empty()) {
      good.push_back(std::move(plugin));
      continue;
    }
    // What follows from one that is not there would only be confusing.
    manifest.plugins_known = false;
    problems.add(plugin.line, "plugin.use",
                 "\"" + plugin.use + "\" " + tried[i].fault +
                     ", so it is not loaded; `freshet plugin check` says more of it");
  }
  manifest.plugins = std::move(good);
}

}  // namespace freshet
