#include "core/check/plugin/probe.h"

#include <string>

#include "core/check/plugin/exports.h"
#include "core/check/plugin/given_host.h"
#include "core/check/plugin/resources.h"
#include "core/report/printable.h"
#include "freshet/abi.h"
#include "freshet/sink.h"

namespace freshet::check {
namespace {

using Json = nlohmann::ordered_json;

Json text_or_null(const char* text) { return text == nullptr ? Json() : Json(text); }

const char* type_of(const freshet_setting& setting) {
  switch (setting.type) {
    case FRESHET_BOOL: return "boolean";
    case FRESHET_INT: return "integer";
    case FRESHET_STRINGS: return "list";
    default: return "text";
  }
}

Json shown(const freshet_setting& setting) {
  Json out{{"key", setting.key},
           {"type", type_of(setting)},
           {"takes", describe_type(setting)},
           {"required", (setting.flags & FRESHET_REQUIRED) != 0},
           {"secret", (setting.flags & FRESHET_SECRET) != 0},
           {"default", text_or_null(setting.fallback)},
           {"help", text_or_null(setting.help)}};
  return out;
}

// By which an author of a manifest knows what a bare number is.
std::string unit_fault(const freshet_setting& setting) {
  const std::string key = setting.key;
  const std::string unit = setting.unit == nullptr ? "" : setting.unit;
  if (unit == "ms" && !key.ends_with("_ms")) return key + " is a time: its key is to end in _ms";
  if (unit == "bytes" && !key.ends_with("_bytes")) {
    return key + " is a size: its key is to end in _bytes";
  }
  return {};
}

Json faults_of(const PluginFile& file) {
  Json out = Json::array();
  const freshet_plugin& about = file.about();
  for (const char* text : {about.id, about.version, about.licence, about.summary}) {
    if (printable(text) != text)
      out.push_back(std::string("says ") + printable(text) + ", which no terminal shows as it is");
  }
  if (*about.version == '\0') out.push_back("has no version");
  if (*about.summary == '\0')
    out.push_back("has no summary: a person reads it in `freshet plugins`");
  if (file.offers().empty()) out.push_back("offers nothing");
  for (const freshet_setting& setting : file.settings()) {
    if (setting.help == nullptr || *setting.help == '\0') {
      out.push_back(std::string(setting.key) + " has no help");
    }
    if (const std::string fault = unit_fault(setting); !fault.empty()) out.push_back(fault);
  }
  return out;
}

// What the plugin needs of others, and nobody is here to give.
std::string not_here(const PluginFile& file) {
  for (const std::string& need : file.needs()) {
    if (need == FRESHET_ROOM_ID || need == FRESHET_OUTBOX_ID || need == FRESHET_SERVER_ID ||
        need == FRESHET_ROOM_STORAGE_ID) {
      continue;
    }
    return "needs " + need + " of another plugin, which the checker does not have";
  }
  return {};
}

// What the plugin itself finds wrong with its settings.
std::string judged(Trial& trial, const PluginFile& file, Settings settings) {
  if (!FRESHET_HAS(&file.about(), check_settings)) return {};
  GivenHost host(file.settings(), std::move(settings), trial.witness());
  std::string out;
  const freshet_faults faults{sizeof(faults), &out,
                              [](void* ctx, freshet_str key, freshet_str reason) {
                                std::string& all = *static_cast<std::string*>(ctx);
                                all += (all.empty() ? "" : "; ") + std::string(view(key)) +
                                       (key.size == 0 ? "" : " ") + std::string(view(reason));
                              }};
  const Witness::Calling calling(trial.witness(), "check_settings");
  static_cast<void>(file.about().check_settings(host.table(), &faults));
  return out;
}

}  // namespace

Json probe(Trial& trial) {
  const Resources before = Resources::now();
  const PluginFile* file = trial.file();
  if (file == nullptr) return {{"reason", trial.reason()}};
  const Resources after = Resources::now();
  const freshet_plugin& about = file->about();
  std::string reason;
  Json out{{"file", trial.subject().file.string()},
           {"id", about.id},
           {"version", about.version},
           {"licence", about.licence},
           {"summary", about.summary},
           {"abi", about.abi},
           {"descriptor_bytes", about.size},
           {"offers", file->offers()},
           {"needs", file->needs()},
           {"shared", file->shares_store()},
           {"restores", FRESHET_HAS(&about, restore)},
           {"judges_settings", FRESHET_HAS(&about, check_settings)},
           {"settings", Json::array()},
           {"exports", exported_symbols(trial.subject().file, reason)},
           {"threads", after.threads - std::min(before.threads, after.threads)},
           {"files", after.files - std::min(before.files, after.files)},
           {"faults", faults_of(*file)}};
  for (const freshet_setting& setting : file->settings()) out["settings"].push_back(shown(setting));
  Problems problems("settings");
  Told told = tell(trial.subject(), *file, trial.place("probe"), problems);
  out["keeps"] = told.keeps;
  out["lacking"] = told.lacking.empty() ? not_here(*file) : told.lacking;
  if (out["lacking"].get<std::string>().empty()) {
    const std::string faults =
        problems.empty() ? judged(trial, *file, std::move(told.settings)) : problems.text();
    if (!faults.empty()) {
      out["lacking"] = "cannot be tried with these settings: " + faults +
                       "; others are given by --set KEY=VALUE or -m MANIFEST";
    }
  }
  return out;
}

}  // namespace freshet::check
