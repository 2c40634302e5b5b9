// core/config/settings.h: what a manifest says, checked against what may be said.
//
// One piece of code judges [server], [limits] and every plugin's settings, by the schema type of
// the plugin ABI (freshet_setting).
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/report/problems.h"
#include "freshet/abi/plugin.h"

namespace freshet {

// A value as written in the manifest, before anybody knows what it should be.
struct Written {
  enum class Kind {
    boolean,
    integer,
    text,
    list,    // of texts
    other,   // a type that no setting has; `text` says which: "a float"
    broken,  // already reported, so that nobody reports it twice
  };
  Kind kind = Kind::broken;
  // Some of it came out of a variable: then it may be a number or a flag in text form, and is not
  // repeated in messages, because it may be a secret.
  bool from_environment = false;
  int64_t number = 0;  // boolean: 0 or 1
  std::string text;
  std::vector<std::string> list;
};

struct WrittenEntry {
  std::string key;
  uint32_t line;
  Written value;
};
using WrittenTable = std::vector<WrittenEntry>;

// A place in the manifest, for messages.
struct Section {
  std::string name;   // "plugin.settings"
  std::string owner;  // "store-sqlite"; empty for the core's own sections
  uint32_t line;      // where it begins
};

// The values of one section, or of one plugin: valid by the schema, defaults filled in.
// Owns what the values point to; moving it leaves them in place. [main] for check(), then [any].
class Settings {
 public:
  Settings() = default;
  Settings(Settings&&) = default;
  Settings& operator=(Settings&&) = default;

  // Adds every mistake to `problems`; a setting with one has no value afterwards.
  static Settings check(std::span<const freshet_setting> schema, const WrittenTable& written,
                        const Section& section, Problems& problems);

  // Null: neither the manifest nor the schema has a value.
  const freshet_value* find(std::string_view key) const;

  // REQUIRES: the key has a value of that type.
  bool flag(std::string_view key) const { return find(key)->number != 0; }
  int64_t number(std::string_view key) const { return find(key)->number; }
  std::string text(std::string_view key) const;
  // Empty if there is no value.
  std::vector<std::string> list(std::string_view key) const;

 private:
  struct Held {
    std::string key;
    std::string text;
    std::vector<std::string> list;
    std::vector<freshet_str> views;  // into `list`
    freshet_value value;
  };

  void hold(const freshet_setting& setting, Written value);

  std::deque<Held> held_;  // addresses stay
};

// What is wrong with a schema itself ("the default of "path" ..."); empty if nothing is.
std::string schema_fault(std::span<const freshet_setting> schema);

// "a number between 1 and 64 KiB", "one of wal, memory": for messages and help.
std::string describe_type(const freshet_setting& setting);

}  // namespace freshet
