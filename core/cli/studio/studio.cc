#include "core/cli/studio/studio.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <iostream>
#include <random>

#include "core/cli/limits.h"
#include "core/cli/stored/admin_client.h"
#include "core/cli/studio/passage.h"

namespace freshet::cli {
namespace {

constexpr std::string_view kPlugin = "studio";

// Where the plugin has its page; empty: the manifest has no such plugin.
std::string route_of_studio(const Manifest& manifest) {
  for (const Manifest::Plugin& plugin : manifest.plugins) {
    if (plugin.use != kPlugin && !plugin.use.ends_with("/studio.so")) continue;
    for (const WrittenEntry& entry : plugin.settings) {
      if (entry.key == "route") return entry.value.text;
    }
    return "/studio";
  }
  return "";
}

std::string new_word() {
  std::random_device chance;  // the system's
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  while (out.size() < kPassageWordDigits) out += kDigits[chance() % kDigits.size()];
  return out;
}

ExitCode told(ExitCode code, const std::string& what) {
  std::cerr << "freshet studio: " << what << "\n";
  return code;
}

}  // namespace

ExitCode open_studio(const ManifestSource& source, uint16_t port) {
  Problems problems(source.name);
  const Manifest manifest = source.read(problems);
  if (!problems.empty()) {
    std::cerr << problems.text();
    return kManifest;
  }
  const std::string route = route_of_studio(manifest);
  if (route.empty()) {
    return told(kManifest,
                source.name + " has no plugin \"studio\": add [[plugin]] use = \"studio\"");
  }
  Passage passage;
  std::string reason;
  const auto admin = parse_address(manifest.server.admin, reason);
  if (manifest.server.admin.empty() || !admin) {
    return told(kManifest, source.name + " has no admin address: add admin = \"unix:admin.sock\"");
  }
  passage.admin = *admin;
  passage.key = manifest.server.admin_key;
  passage.word = new_word();
  if (!AdminClient::connect(manifest.server)) {
    return told(kFailed, "no server is reached at " + manifest.server.admin +
                             ": start it, or run this as its user");
  }
  const int listener = listen_on_loopback(port);
  if (listener < 0) {
    return told(kFailed,
                "cannot listen on 127.0.0.1:" + std::to_string(port) + ": " + std::strerror(errno));
  }
  std::cout << "http://127.0.0.1:" << port << "/" << passage.word << route << "/" << std::endl;
  std::cerr << "freshet studio: open this address on this machine; it is good until Ctrl-C\n";
  pass_on(listener, passage);
  return told(kFailed, std::string("nobody is let in any more: ") + std::strerror(errno));
}

}  // namespace freshet::cli
