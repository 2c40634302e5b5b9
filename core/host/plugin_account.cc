#include "core/host/plugin_account.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace freshet {
namespace {

using Json = nlohmann::json;

std::string json_of(const Settings& settings, const freshet_setting& setting,
                    const freshet_value& value) {
  const auto text = [](const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
  };
  switch (setting.type) {
    case FRESHET_BOOL: return value.number != 0 ? "true" : "false";
    case FRESHET_INT: return std::to_string(value.number);
    case FRESHET_STRINGS: return text(settings.list(setting.key));
    default: return text(settings.text(setting.key));
  }
}

bool is_hidden(const Manifest::Plugin* entry, const freshet_setting& setting) {
  if ((setting.flags & FRESHET_SECRET) != 0 || entry == nullptr) return true;
  return std::ranges::any_of(entry->settings, [&](const WrittenEntry& each) {
    return each.key == setting.key && each.value.from_environment;
  });
}

}  // namespace

std::vector<PluginAccount> accounts_of(const Manifest& manifest, const PluginHost& host) {
  std::vector<PluginAccount> out;
  const std::vector<const PluginFile*> files = host.plugins();
  for (size_t i = 0; i < files.size(); ++i) {
    const PluginFile& file = *files[i];
    PluginAccount account{.id = file.about().id,
                          .version = file.about().version,
                          .path = file.path().string(),
                          .services = file.offers(),
                          .schema = file.settings(),
                          .settings = {}};
    const bool paired = files.size() == manifest.plugins.size();
    const Manifest::Plugin* entry = paired ? &manifest.plugins[i] : nullptr;
    account.essential = entry != nullptr && entry->essential;
    const Settings* settings = host.settings_of(account.id);
    for (const freshet_setting& setting : file.settings()) {
      const freshet_value* value = settings == nullptr ? nullptr : settings->find(setting.key);
      if (value == nullptr) continue;
      account.settings.emplace_back(
          setting.key, is_hidden(entry, setting) ? "\"***\"" : json_of(*settings, setting, *value));
    }
    out.push_back(std::move(account));
  }
  return out;
}

}  // namespace freshet
