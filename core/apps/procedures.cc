#include "core/apps/procedures.h"

#include <algorithm>
#include <nlohmann/json.hpp>
// Else it ends the process where it would throw.
#define VALIJSON_USE_EXCEPTIONS 1
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "core/apps/limits.h"
#include "freshet/bytes.h"
#include "freshet/format/utf8.h"
#include "freshet/sink.h"

namespace freshet {
namespace {

using Json = nlohmann::json;
using Adapter = valijson::adapters::NlohmannJsonAdapter;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

// What a schema may not ask for, as it can take for ever, or all of the stack, on what anybody may
// send; empty: nothing of it is there.
std::string_view too_costly(const Json& schema) {
  if (schema.is_array()) {
    for (const Json& part : schema) {
      if (const auto found = too_costly(part); !found.empty()) return found;
    }
  }
  if (!schema.is_object()) return {};
  for (const auto& [key, part] : schema.items()) {
    for (const std::string_view costly : {"pattern", "patternProperties", "uniqueItems"}) {
      if (key == costly) return costly;
    }
    if (key == "enum" || key == "const" || key == "default" || key == "examples") continue;
    const bool names = key == "properties" || key == "definitions" || key == "$defs";
    if (names && part.is_object()) {
      for (const Json& each : part) {
        if (const auto found = too_costly(each); !found.empty()) return found;
      }
    } else if (const auto found = too_costly(part); !found.empty()) {
      return found;
    }
  }
  return {};
}

bool wants(const Json& declared, const char* what) {
  const auto list = declared.find("wants");
  return list != declared.end() && list->is_array() &&
         std::find(list->begin(), list->end(), what) != list->end();
}

// "<root>[message]" says where, in the library's words; ours have no root.
std::string where(const valijson::ValidationResults::Error& error) {
  std::string path;
  for (size_t i = 1; i < error.context.size(); ++i) path += error.context[i];
  return path.empty() ? "the input" : path;
}

}  // namespace

bool is_event_name(std::string_view name) {
  const auto part = [](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '$'; };
  return !name.empty() && name.size() <= kMaxProcedureNameBytes && is_letter(name.front()) &&
         std::ranges::all_of(name, part);
}

struct Procedures::One::Schema {
  valijson::Schema compiled;
};

Procedures::One::One(const Application& app, std::string name)
    : app_(app), name_(std::move(name)) {}
Procedures::One::~One() = default;

std::string Procedures::One::flaw_of(std::string_view input) const try {
  if (!input_) return "";
  const Json value = Json::parse(input, nullptr, false);
  if (value.is_discarded()) return "The input is not JSON.";
  valijson::Validator validator;
  valijson::ValidationResults results;
  if (validator.validate(input_->compiled, Adapter(value), &results)) return "";
  valijson::ValidationResults::Error error;
  if (!results.popError(error)) return "The input is not what " + name_ + " takes.";
  std::string words = where(error) + ": " + error.description;
  if (words.size() > kMaxFlawBytes) words.resize(kMaxFlawBytes);
  while (!valid_utf8(as_bytes(words))) words.pop_back();  // at most a part of the last character
  return words;
} catch (const std::exception&) {
  return "The input could not be checked.";
}

Status Procedures::read(const Application& app, const Offered<freshet_app>& offered,
                        Problems& problems) {
  const freshet_app& table = *offered.table;
  if (!FRESHET_HAS(&table, procedures) || !FRESHET_HAS(&table, call)) return Status::ok;
  const ItemSink declarations([&](Bytes declaration) {
    const std::string flaw = add(app, as_text(declaration));
    if (!flaw.empty()) {
      problems.add(offered.line, "plugin.use", "\"" + offered.plugin + "\" offers " + flaw);
    }
    return Status::ok;
  });
  return Status{table.procedures(table.self, declarations.c())};
}

std::string Procedures::add(const Application& app, std::string_view declaration) {
  const Json declared = Json::parse(declaration, nullptr, false);
  if (!declared.is_object() || !declared.contains("name") || !declared["name"].is_string()) {
    return "a procedure that is no JSON object with a name";
  }
  const std::string name = declared["name"];
  if (!is_event_name(name)) return "a procedure \"" + name + "\", which is no name of an event";
  if (procedures_.size() >= kMaxProcedures) return "more procedures than a server takes";
  auto one = std::make_unique<One>(app, name);
  one->wants_sessions_ = wants(declared, "sessions");
  one->wants_document_ = wants(declared, "document");
  if (const auto schema = declared.find("input"); schema != declared.end()) {
    if (const auto costly = too_costly(*schema); !costly.empty()) {
      return "the procedure " + name + ", whose input schema has \"" + std::string(costly) +
             "\": what can take for ever is not taken";
    }
    one->input_ = std::make_unique<One::Schema>();
    try {
      valijson::SchemaParser().populateSchema(Adapter(*schema), one->input_->compiled);
    } catch (const std::exception& e) {
      return "the procedure " + name + ", whose input schema is none: " + e.what();
    }
  }
  const auto [known, added] = procedures_.emplace(name, std::move(one));
  if (added) return "";
  return "the procedure " + name + ", and so does \"" + known->second->app().plugin + "\"";
}

const Procedures::One* Procedures::find(std::string_view name) const {
  const auto it = procedures_.find(name);
  return it == procedures_.end() ? nullptr : it->second.get();
}

}  // namespace freshet
