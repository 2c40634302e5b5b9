#include "core/cli/schema.h"

#include <iostream>
#include <map>
#include <nlohmann/json.hpp>

#include "core/apps/procedures.h"
#include "core/cli/composition.h"
#include "core/cli/typescript.h"
#include "freshet/sink.h"

namespace freshet::cli {
namespace {

// Properties stay in the order in which they were written.
using OrderedJson = nlohmann::ordered_json;

class Declared {
 public:
  // What is wrong with them is told on stderr, as `freshet serve` tells it.
  bool read(const std::string& manifest, const Offered<freshet_app>& app) {
    if (!FRESHET_HAS(app.table, procedures)) return true;
    bool good = true;
    const ItemSink declarations([&](Bytes declaration) {
      const std::string flaw =
          add(app.plugin, OrderedJson::parse(as_text(declaration), nullptr, false));
      if (flaw.empty()) return Status::ok;
      good = false;
      std::cerr << manifest << ":" << app.line << ": plugin.use: \"" << app.plugin << "\" offers "
                << flaw << "\n";
      return Status::ok;
    });
    const Status read{app->procedures(app->self, declarations.c())};
    if (read != Status::ok) {
      std::cerr << "\"" << app.plugin << "\" does not say what its procedures are ("
                << name_of(read) << ")\n";
    }
    return good && read == Status::ok;
  }

  // By name.
  OrderedJson json() const {
    OrderedJson out = OrderedJson::array();
    for (const auto& [name, declared] : by_name_) out.push_back(declared);
    return out;
  }

 private:
  std::string add(const std::string& plugin, OrderedJson declared) {
    if (!declared.is_object() || !declared.contains("name") || !declared["name"].is_string()) {
      return "a procedure that is no JSON object with a name";
    }
    const std::string name = declared["name"];
    if (!is_event_name(name)) return "a procedure \"" + name + "\", which is no name of an event";
    declared["plugin"] = plugin;
    const auto [known, added] = by_name_.emplace(name, std::move(declared));
    if (added) return "";
    return "the procedure " + name + ", and so does " + known->second["plugin"].dump();
  }

  std::map<std::string, OrderedJson> by_name_;
};

}  // namespace

ExitCode print_schema(const Command& command) {
  Loaded loaded(command.source(), Composition::any, FRESHET_WARN);
  if (!loaded.ok()) return kManifest;
  Services services;
  if (!loaded.create_only({FRESHET_APP_ID}, services)) {
    return loaded.busy() ? kBusy : kManifest;
  }
  Declared declared;
  bool good = true;
  for (const auto& app : services.apps) good = declared.read(loaded.manifest().file, app) && good;
  if (!good) return kManifest;
  if (command.typescript) {
    std::cout << typescript_of(declared.json()) << std::flush;
  } else {
    std::cout << declared.json().dump(2, ' ', false, OrderedJson::error_handler_t::replace)
              << std::endl;
  }
  return std::cout ? kOk : kFailed;
}

}  // namespace freshet::cli
