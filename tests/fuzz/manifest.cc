// A manifest of any bytes is read, or its mistakes are told, each with a line of the file and a
// reason.
#include "core/config/manifest.h"

#include <algorithm>

#include "freshet/bytes.h"
#include "require.h"

namespace {

std::optional<std::string> environment(const std::string& name) {
  if (name == "UNSET") return std::nullopt;
  return "value of " + name;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using freshet::fuzz::require;
  const std::string_view toml = freshet::as_text({data, size});
  freshet::Problems problems("fuzz.toml");
  const freshet::Manifest manifest =
      freshet::parse_manifest("fuzz.toml", toml, environment, problems);

  const auto lines = static_cast<size_t>(std::count(toml.begin(), toml.end(), '\n')) + 1;
  for (const freshet::Problem& problem : problems.all()) {
    require(!problem.reason.empty());
    require(problem.line >= 1 && problem.line <= lines + 1);
  }
  require(problems.text().starts_with("fuzz.toml:") == !problems.empty());
  if (!problems.empty()) return 0;
  require(manifest.plugins_known);
  require(manifest.plugins.size() <= freshet::kMaxPlugins);
  require(manifest.server.listen.size() <= freshet::kMaxListeners);
  for (const auto& plugin : manifest.plugins) require(!plugin.use.empty());
  return 0;
}
