// freshet/settings.h: a plugin's settings: how they are declared, read and judged.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "freshet/abi/plugin.h"
#include "freshet/sink.h"

namespace freshet {

// The settings a manifest may give, one by one. `fallback` is written as in a manifest; null: none.
namespace setting {
constexpr freshet_setting boolean(const char* key, const char* fallback, const char* help) {
  return {key, FRESHET_BOOL, 0, fallback, 0, 0, nullptr, nullptr, help};
}
// `unit`: "bytes" and "ms" also take "64 KiB" and "30 s".
constexpr freshet_setting integer(const char* key, const char* fallback, int64_t min, int64_t max,
                                  const char* unit, const char* help) {
  return {key, FRESHET_INT, 0, fallback, min, max, nullptr, unit, help};
}
constexpr freshet_setting text(const char* key, const char* fallback, const char* help) {
  return {key, FRESHET_TEXT, 0, fallback, 0, 0, nullptr, nullptr, help};
}
// `choices`: "wal|memory".
constexpr freshet_setting choice(const char* key, const char* fallback, const char* choices,
                                 const char* help) {
  return {key, FRESHET_TEXT, 0, fallback, 0, 0, choices, nullptr, help};
}
constexpr freshet_setting list(const char* key, const char* help) {
  return {key, FRESHET_STRINGS, 0, nullptr, 0, 0, nullptr, nullptr, help};
}
constexpr freshet_setting required(freshet_setting s) { return s.flags |= FRESHET_REQUIRED, s; }
constexpr freshet_setting secret(freshet_setting s) { return s.flags |= FRESHET_SECRET, s; }
}  // namespace setting

// What the manifest gives, the defaults filled in: of the types and within the bounds of the
// schema. A cheap handle: copy it. A setting that is asked for must be in the schema, with that
// type. [main]
class Given {
 public:
  explicit Given(const freshet_host* c) : c_(c) {}

  bool has(const char* key) const {
    freshet_value value{};
    return read(key, value);
  }
  bool flag(const char* key) const { return number(key) != 0; }
  int64_t number(const char* key) const {
    freshet_value value{};
    return read(key, value) ? value.number : 0;
  }
  // Empty if neither the manifest nor the schema has a value. Lives as long as the plugin.
  std::string_view text(const char* key) const {
    freshet_value value{};
    return read(key, value) ? view(value.text) : std::string_view{};
  }
  std::vector<std::string> list(const char* key) const {
    freshet_value value{};
    std::vector<std::string> out;
    if (!read(key, value)) return out;
    for (size_t i = 0; i < value.list_count; ++i) out.emplace_back(view(value.list[i]));
    return out;
  }

 protected:
  const freshet_host* c() const { return c_; }

 private:
  bool read(const char* key, freshet_value& value) const {
    value.size = sizeof(value);
    return c_->setting(c_->ctx, key, &value) == FRESHET_OK;
  }

  const freshet_host* c_;
};

// What is wrong with them: a mistake of the manifest each, told all at once. [main]
class Faults {
 public:
  explicit Faults(const freshet_faults* c) : c_(c) {}
  Faults(const Faults&) = delete;
  Faults& operator=(const Faults&) = delete;

  // `key`: the setting to change; empty: no one setting. `reason` stands behind it, as "is empty";
  // a value that it repeats is in double quotes: see freshet_faults.
  void add(std::string_view key, std::string_view reason) {
    any_ = true;
    c_->add(c_->ctx, to_c(key), to_c(reason));
  }
  bool any() const { return any_; }

 private:
  const freshet_faults* c_;
  bool any_ = false;
};

}  // namespace freshet
