#include "core/check/options.h"

#include <CLI/CLI.hpp>

#include "core/version.h"

namespace freshet::check {
namespace {

constexpr int kWrongUsage = 2;

void add_pair(Options& out, const std::string& text) {
  const size_t equals = text.find('=');
  if (equals == 0 || equals == std::string::npos) {
    throw CLI::ValidationError("--set", "\"" + text + "\" is no key=value");
  }
  out.set.emplace_back(text.substr(0, equals), text.substr(equals + 1));
}

}  // namespace

std::optional<Options> parse_options(int argc, const char* const* argv, int& exit) {
  Options out;
  int seconds = static_cast<int>(kTestLimit.count());
  CLI::App app("Try a plugin: the promises of all that it offers, each in a process of its own.",
               "freshet plugin check");
  app.set_version_flag("--version", std::string("freshet-plugin-check ") + kVersion);
  app.add_option("plugin", out.plugin, "The file, or the id of one in the plugin folder")
      ->required();
  app.add_option("-m,--manifest", out.manifest, "Take its settings from this manifest");
  app.add_option_function<std::vector<std::string>>(
         "--set",
         [&out](const std::vector<std::string>& all) {
           for (const std::string& text : all) add_pair(out, text);
         },
         "A setting, key=value; a list has commas. In the value {dir} is a folder and {place} a "
         "word that each test has for itself")
      ->expected(1)
      ->take_all();
  app.add_option("--token", out.token,
                 "A token that an auth plugin takes for the room \"room\", if it makes none");
  app.add_option("--filter", out.filter, "Only the tests that fit, like store.* or *Twice");
  app.add_option("--reproduce", out.seed, "What is by chance goes as it went with this seed")
      ->check(CLI::PositiveNumber);
  app.add_option("--timeout", seconds, "Seconds for each test")
      ->check(CLI::Range(1, kMaxTestSeconds))
      ->capture_default_str();
  app.add_flag("--json", out.json, "One JSON object on stdout");
  app.add_flag("--inspect", out.inspect, "Tell what it says of itself; create nothing");
  app.footer(
      "Exit codes: 0 all passed, or were skipped; 1 a test failed; 2 wrong command line;\n"
      "3 wrong manifest, or no plugin for this server.");
  // CLI11 tells of everything but success by throwing; this is its edge.
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    exit = app.exit(e) == 0 ? 0 : kWrongUsage;
    return std::nullopt;
  }
  out.timeout = std::chrono::seconds(seconds);
  return out;
}

}  // namespace freshet::check
