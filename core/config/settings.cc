#include "core/config/settings.h"

#include <algorithm>
#include <optional>

#include "core/config/quantity.h"
#include "core/report/nearest.h"

namespace freshet {
namespace {

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

bool bounded(const freshet_setting& setting) { return setting.min != 0 || setting.max != 0; }

std::vector<std::string_view> choices_of(const freshet_setting& setting) {
  std::vector<std::string_view> out;
  if (setting.choices == nullptr) return out;
  std::string_view rest = setting.choices;
  while (!rest.empty()) {
    const size_t bar = std::min(rest.find('|'), rest.size());
    out.push_back(rest.substr(0, bar));
    rest.remove_prefix(std::min(bar + 1, rest.size()));
  }
  return out;
}

std::string joined(std::span<const std::string_view> words) {
  std::string out;
  for (const auto word : words) out += (out.empty() ? "" : ", ") + quoted(word);
  return out;
}

// Values that may be secrets are not repeated.
bool may_show(const freshet_setting& setting, const Written& value) {
  return (setting.flags & FRESHET_SECRET) == 0 && !value.from_environment;
}

std::string kind_text(const Written& value) {
  switch (value.kind) {
    case Written::Kind::boolean: return "true or false";
    case Written::Kind::integer: return "a number";
    case Written::Kind::text: return "a text";
    case Written::Kind::list: return "a list of texts";
    default: return value.text;
  }
}

std::string wrong_type(const freshet_setting& setting, const Written& value) {
  return "must be " + describe_type(setting) + ", not " + kind_text(value);
}

// Each of these makes `value` the setting's type, or says what is wrong.
using Fault = std::optional<std::string>;

Fault to_flag(const freshet_setting& setting, Written& value) {
  if (value.kind == Written::Kind::boolean) return std::nullopt;
  if (value.kind == Written::Kind::text && value.from_environment &&
      (value.text == "true" || value.text == "false")) {
    value.number = value.text == "true" ? 1 : 0;
    return std::nullopt;
  }
  return wrong_type(setting, value);
}

Fault to_number(const freshet_setting& setting, Written& value) {
  const bool has_units = std::string_view(quantity_example(setting.unit)) != "1000";
  if (value.kind == Written::Kind::text && (has_units || value.from_environment)) {
    const auto number = parse_quantity(value.text, setting.unit);
    const auto shown = may_show(setting, value) ? quoted(value.text) : "the value";
    if (!number && number.status() == Status::too_large) return shown + " is too large";
    if (!number) {
      return shown + " is not a whole number like " +
             (has_units ? quoted(quantity_example(setting.unit)) : "1000");
    }
    value.number = *number;
  } else if (value.kind != Written::Kind::integer) {
    return wrong_type(setting, value);
  }
  if (bounded(setting) && (value.number < setting.min || value.number > setting.max)) {
    const auto shown =
        may_show(setting, value) ? quantity_text(value.number, setting.unit) : "the value";
    return shown + " is out of bounds: must be " + describe_type(setting);
  }
  return std::nullopt;
}

Fault to_text(const freshet_setting& setting, Written& value) {
  if (value.kind != Written::Kind::text) return wrong_type(setting, value);
  const auto choices = choices_of(setting);
  if (choices.empty()) return std::nullopt;
  if (std::find(choices.begin(), choices.end(), value.text) != choices.end()) return std::nullopt;
  if (!may_show(setting, value)) return "must be " + describe_type(setting);
  std::string fault = quoted(value.text) + " is none of " + joined(choices);
  if (const auto near = nearest(value.text, choices); !near.empty()) {
    fault += "; did you mean " + quoted(near) + "?";
  }
  return fault;
}

Fault to_list(const freshet_setting& setting, Written& value) {
  if (value.kind == Written::Kind::list) return std::nullopt;
  if (value.kind == Written::Kind::text && may_show(setting, value)) {
    return wrong_type(setting, value) + ": write [" + quoted(value.text) + "]";
  }
  return wrong_type(setting, value);
}

Fault convert(const freshet_setting& setting, Written& value) {
  switch (setting.type) {
    case FRESHET_BOOL: return to_flag(setting, value);
    case FRESHET_INT: return to_number(setting, value);
    case FRESHET_TEXT: return to_text(setting, value);
    case FRESHET_STRINGS: return to_list(setting, value);
    default: return "has a type this server does not know";
  }
}

// A default, read as if somebody had written it.
Written fallback_of(const freshet_setting& setting) {
  Written value;
  value.kind = Written::Kind::text;
  value.text = setting.fallback;
  value.from_environment = true;  // numbers and flags come as text
  return value;
}

std::string unknown_key(std::span<const freshet_setting> schema, std::string_view key,
                        const Section& section) {
  std::vector<std::string_view> known;
  for (const auto& setting : schema) known.emplace_back(setting.key);
  std::string reason = "is no setting";
  if (!section.owner.empty()) reason += " of " + section.owner;
  if (known.empty()) return reason + ", which has none";
  return reason + suggestion(key, known);
}

std::string missing(const freshet_setting& setting, const Section& section) {
  std::string reason = "is missing";
  if (!section.owner.empty()) reason += ", and " + section.owner + " needs it";
  if (setting.help != nullptr) reason += ": " + std::string(setting.help);
  return reason;
}

const freshet_setting* find_setting(std::span<const freshet_setting> schema, std::string_view key) {
  const auto found = std::find_if(schema.begin(), schema.end(),
                                  [&](const freshet_setting& s) { return key == s.key; });
  return found == schema.end() ? nullptr : &*found;
}

std::string setting_fault(const freshet_setting& setting) {
  if (setting.type < FRESHET_BOOL || setting.type > FRESHET_STRINGS) return "has an unknown type";
  if (setting.min > setting.max) return "has a minimum above its maximum";
  if (setting.fallback == nullptr) return "";
  if ((setting.flags & FRESHET_REQUIRED) != 0) return "is required and has a default";
  Written value = fallback_of(setting);
  if (convert(setting, value)) return "has a default that is not " + describe_type(setting);
  return "";
}

}  // namespace

Settings Settings::check(std::span<const freshet_setting> schema, const WrittenTable& written,
                         const Section& section, Problems& problems) {
  Settings out;
  for (const auto& entry : written) {
    if (find_setting(schema, entry.key) == nullptr) {
      problems.add(entry.line, section.name + "." + entry.key,
                   unknown_key(schema, entry.key, section));
    }
  }
  for (const auto& setting : schema) {
    const auto entry = std::find_if(written.begin(), written.end(),
                                    [&](const WrittenEntry& e) { return e.key == setting.key; });
    const bool given = entry != written.end();
    if (given && entry->value.kind == Written::Kind::broken) continue;
    if (!given && setting.fallback == nullptr) {
      if ((setting.flags & FRESHET_REQUIRED) != 0) {
        problems.add(section.line, section.name + "." + setting.key, missing(setting, section));
      }
      continue;
    }
    Written value = given ? entry->value : fallback_of(setting);
    if (const auto fault = convert(setting, value)) {
      problems.add(given ? entry->line : section.line, section.name + "." + setting.key, *fault);
      continue;
    }
    out.hold(setting, std::move(value));
  }
  return out;
}

void Settings::hold(const freshet_setting& setting, Written value) {
  Held& held = held_.emplace_back();
  held.key = setting.key;
  held.text = std::move(value.text);
  held.list = std::move(value.list);
  for (const auto& item : held.list) held.views.push_back({item.data(), item.size()});
  held.value.size = sizeof(freshet_value);
  held.value.type = setting.type;
  held.value.number = value.number;
  held.value.text = {held.text.data(), held.text.size()};
  held.value.list = held.views.data();
  held.value.list_count = held.views.size();
}

const freshet_value* Settings::find(std::string_view key) const {
  const auto found =
      std::find_if(held_.begin(), held_.end(), [&](const Held& held) { return held.key == key; });
  return found == held_.end() ? nullptr : &found->value;
}

std::string Settings::text(std::string_view key) const {
  const freshet_value* value = find(key);
  return {value->text.data, value->text.size};
}

std::vector<std::string> Settings::list(std::string_view key) const {
  std::vector<std::string> out;
  const freshet_value* value = find(key);
  for (size_t i = 0; value != nullptr && i < value->list_count; ++i) {
    out.emplace_back(value->list[i].data, value->list[i].size);
  }
  return out;
}

std::string schema_fault(std::span<const freshet_setting> schema) {
  for (size_t i = 0; i < schema.size(); ++i) {
    const freshet_setting& setting = schema[i];
    if (setting.key == nullptr || *setting.key == '\0') return "a setting without a name";
    if (find_setting(schema.first(i), setting.key) != nullptr) {
      return "two settings named " + quoted(setting.key);
    }
    if (const auto fault = setting_fault(setting); !fault.empty()) {
      return "a setting " + quoted(setting.key) + " that " + fault;
    }
  }
  return "";
}

std::string describe_type(const freshet_setting& setting) {
  switch (setting.type) {
    case FRESHET_BOOL: return "true or false";
    case FRESHET_INT: break;
    case FRESHET_TEXT: {
      const auto choices = choices_of(setting);
      return choices.empty() ? "a text" : "one of " + joined(choices);
    }
    case FRESHET_STRINGS: return "a list of texts";
    default: return "of an unknown type";
  }
  std::string out = "a number";
  if (std::string_view(quantity_example(setting.unit)) != "1000") {
    out += std::string(" like ") + quoted(quantity_example(setting.unit));
  }
  if (!bounded(setting)) return out;
  return out + " between " + quantity_text(setting.min, setting.unit) + " and " +
         quantity_text(setting.max, setting.unit);
}

}  // namespace freshet
