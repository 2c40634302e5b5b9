// freshet-plugin-check: what `freshet plugin check` and `freshet plugin inspect` start.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <random>

#define BOOST_DLL_USE_STD_FS
#include <boost/dll/runtime_symbol_info.hpp>

#include "core/check/options.h"
#include "core/check/run/checker.h"
#include "core/check/run/printing.h"
#include "core/host/plugin_path.h"

namespace freshet::check {
namespace {

enum Exit : int { kPassed = 0, kFailed = 1, kUsage = 2, kNoPlugin = 3 };

// Where the server finds its plugins: installed with this program, or of its build tree.
PluginPath plugin_path(std::vector<std::filesystem::path> first) {
  std::error_code error;
  const std::filesystem::path program = boost::dll::program_location(error).parent_path();
  for (const char* own : {FRESHET_PLUGINS_FROM_CHECKER, "../../plugins"}) {
    const std::filesystem::path folder = (program / own).lexically_normal();
    if (std::filesystem::is_directory(folder, error)) first.push_back(folder);
  }
  return PluginPath(std::move(first));
}

uint64_t some_seed() {
  std::random_device chance;
  return 1 + chance() % 1'000'000'000;
}

// The settings of the entry of a manifest that uses this file. False: said on stderr.
bool read_settings(const Options& options, PluginPath& path, Subject& subject) {
  if (options.manifest.empty()) return true;
  Problems problems(options.manifest);
  const Manifest manifest = read_manifest(options.manifest, process_environment(), problems);
  if (!problems.empty()) {
    std::cerr << problems.text();
    return false;
  }
  const auto& own = manifest.server.plugin_path;
  path = plugin_path({own.begin(), own.end()});
  std::string reason;
  for (const Manifest::Plugin& entry : manifest.plugins) {
    const auto file = path.find(entry.use, reason);
    std::error_code error;
    const bool same = entry.use == options.plugin ||
                      (file && std::filesystem::equivalent(*file, options.plugin, error) && !error);
    if (!same) continue;
    subject.written = entry.settings;
    return true;
  }
  std::cerr << options.manifest << ":1: plugin.use: none is " << options.plugin
            << ", from the working directory as a server would have it\n";
  return false;
}

int inspect(Checker& checker, const Subject& subject, bool json) {
  const nlohmann::ordered_json about = checker.look();
  if (about.contains("reason")) {
    std::cerr << subject.file.string() << " " << about["reason"].get<std::string>() << "\n";
    return kNoPlugin;
  }
  std::cout << (json ? about.dump(2) + "\n" : inspection_text(about));
  return kPassed;
}

// What runs it again. Values may be secrets.
std::string command_of(const Options& options) {
  std::string out = "freshet plugin check " + options.plugin;
  if (!options.manifest.empty()) out += " -m " + options.manifest;
  for (const auto& [key, value] : options.set) out += " --set " + key + "=...";
  return options.token.empty() ? out : out + " --token ...";
}

int try_all(Checker& checker, const Options& options, const Subject& subject, char** argv) {
  const std::vector<Verdict>& verdicts = checker.run([&] {
    int none = 1;  // the rest is ours
    ::testing::InitGoogleTest(&none, argv);
  });
  const Checked checked{subject.file.string(), command_of(options), subject.seed};
  std::cout << (options.json ? report_json(checked, verdicts)
                                       .dump(2, ' ', false,
                                             nlohmann::ordered_json::error_handler_t::replace) +
                                   "\n"
                             : report_text(checked, verdicts));
  if (verdicts.empty()) {
    std::cerr << "no test fits \"" << options.filter << "\"\n";
    return kUsage;
  }
  return count(verdicts, Outcome::failed) == 0 ? kPassed : kFailed;
}

int run(const Options& options, char** argv) {
  Subject subject;
  PluginPath path = plugin_path({});
  if (!read_settings(options, path, subject)) return kNoPlugin;
  std::string reason;
  const auto file = path.find(options.plugin, reason);
  if (!file) {
    std::cerr << reason << "\n";
    return kUsage;
  }
  subject.file = *file;
  subject.set = options.set;
  subject.token = options.token;
  subject.seed = options.seed == 0 ? some_seed() : options.seed;
  if (const auto engine = path.find("crdt-native", reason)) subject.engine = *engine;
  Witness witness;
  Trial trial(subject, witness);
  Checker checker(trial, options.filter, options.timeout,
                  [](const Verdict& verdict) { std::cerr << progress(verdict); });
  if (options.inspect) return inspect(checker, subject, options.json);
  return try_all(checker, options, subject, argv);
}

// The C library reads these when a program begins. Without a cache for each thread what is counted
// is what is kept; and what was freed is not what it was, for whoever still looks at it.
void begin_with_strict_memory(char** argv) {
  if (std::getenv("GLIBC_TUNABLES") != nullptr) return;
  ::setenv("GLIBC_TUNABLES", "glibc.malloc.tcache_count=0:glibc.malloc.perturb=165", 1);
  ::execv("/proc/self/exe", argv);
}

}  // namespace
}  // namespace freshet::check

int main(int argc, char** argv) {
  freshet::check::begin_with_strict_memory(argv);
  int exit = 0;
  const auto options = freshet::check::parse_options(argc, argv, exit);
  return options ? freshet::check::run(*options, argv) : exit;
}
