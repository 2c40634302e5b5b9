#include "core/cli/composition.h"

#include <iostream>

#include "core/guard/trial_load.h"
#include "freshet/abi/auth.h"

namespace freshet::cli {

std::optional<Manifest> manifest_of(const ManifestSource& source, ExitCode& exit) {
  Problems problems(source.name);
  Manifest manifest = source.read(problems);
  if (problems.empty()) return manifest;
  std::cerr << problems.text();
  exit = kManifest;
  return std::nullopt;
}

Loaded::Loaded(const ManifestSource& source, Composition composition, freshet_level least)
    : problems_(source.name),
      manifest_(source.read(problems_)),
      log_(manifest_.server.log, least, std::cerr),
      host_(log_, metrics_) {
  tables_.offer_to(host_);
  const PluginPath path = PluginPath::with_own(manifest_.server.plugin_path);
  refuse_faulty(manifest_, try_loading(manifest_, path), problems_);
  host_.load(manifest_, path, composition, problems_);
  std::cerr << problems_.text();
}

bool Loaded::create_only(const std::vector<std::string>& services, Services& out) {
  if (host_.takes(services, FRESHET_STORE_ID) && !take_store()) return false;
  Problems problems(manifest_.file);
  out = host_.create_only(services, problems);
  std::cerr << problems.text();
  return problems.empty();
}

bool Loaded::take_store() {
  auto lock = StoreLock::take(manifest_.file, host_, std::chrono::milliseconds{0});
  held_ = !lock;
  if (held_) return false;
  lock_ = *std::move(lock);
  return true;
}

ExitCode open_store(Loaded& loaded, const std::vector<std::string>& services, Services& out) {
  if (!loaded.ok()) return kManifest;
  for (const std::string& id : services) {
    if (loaded.host().offers(id)) continue;
    std::cerr << loaded.manifest().file << ":1: plugin: no plugin offers " << id << "\n";
    return kManifest;
  }
  if (loaded.create_only(services, out)) return kOk;
  if (!loaded.busy()) return kManifest;
  std::cerr << (loaded.manifest().server.admin.empty()
                    ? "if a server has the store: give its manifest an admin address\n"
                    : "nobody answers at the admin address of this manifest\n");
  return kBusy;
}

ExitCode check(const ManifestSource& manifest) {
  Loaded loaded(manifest, Composition::server, FRESHET_WARN);
  if (!loaded.ok()) return kManifest;
  std::cout << manifest.name << ": good:";
  for (const PluginFile* plugin : loaded.host().plugins()) {
    std::cout << " " << plugin->about().id << " " << plugin->about().version;
  }
  std::cout << "\n";
  if (!loaded.host().offers(FRESHET_AUTH_ID)) {
    std::cout << manifest.name
              << ": warning: no auth plugin: whoever reaches it may edit any room\n";
  }
  return kOk;
}

}  // namespace freshet::cli
