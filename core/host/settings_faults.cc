#include "core/host/settings_faults.h"

#include <algorithm>

#include "core/host/limits.h"

namespace freshet {
namespace {

void replace_all(std::string& in, const std::string& what, std::string_view by) {
  for (size_t at = in.find(what); at != std::string::npos; at = in.find(what, at + by.size())) {
    in.replace(at, what.size(), by);
  }
}

// Never in the middle of a character.
void cut(std::string& text) {
  size_t size = kMaxFaultBytes;
  if (text.size() <= size) return;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) --size;
  text.resize(size);
}

}  // namespace

bool SettingsFaults::declares(std::string_view key) const {
  return std::ranges::any_of(schema_, [&](const freshet_setting& one) { return key == one.key; });
}

// As the schema's own messages: what came out of a variable may be a secret, too.
std::string SettingsFaults::shown(std::string_view reason) const {
  std::string out(reason);
  for (const WrittenEntry& written : entry_.settings) {
    const auto setting = std::ranges::find_if(
        schema_, [&](const freshet_setting& one) { return written.key == one.key; });
    const bool secret = setting != schema_.end() && (setting->flags & FRESHET_SECRET) != 0;
    if (!secret && !written.value.from_environment) continue;
    const auto hide = [&](const std::string& value) {
      replace_all(out, "\"" + value + "\"", "the value");
    };
    if (!written.value.text.empty()) hide(written.value.text);
    for (const std::string& item : written.value.list) hide(item);
  }
  cut(out);
  return out.empty() ? "is refused, without a reason" : out;
}

void SettingsFaults::add(std::string_view key, std::string_view reason) {
  if (++told_ > kMaxFaults) return;
  if (!key.empty() && !declares(key)) {
    log_.error(id_, "finds fault with a setting it does not declare: " + std::string(key));
    key = {};
  }
  const auto written = std::ranges::find(entry_.settings, key, &WrittenEntry::key);
  const uint32_t line = written == entry_.settings.end() ? entry_.settings_line : written->line;
  const std::string place = "plugin.settings" + (key.empty() ? "" : "." + std::string(key));
  problems_.add(line, place, shown(reason));
}

void SettingsFaults::end(Status status) {
  const std::string name = "\"" + std::string(id_) + "\" ";
  if (told_ > kMaxFaults) {
    problems_.add(
        entry_.line, "plugin.use",
        name + "finds " + std::to_string(told_ - kMaxFaults) + " more wrong with its settings");
  }
  if (told_ > 0 || status == Status::ok) return;
  problems_.add(
      entry_.line, "plugin.use",
      name + "cannot judge its settings (" + std::string(name_of(status)) + "); the log says why");
}

}  // namespace freshet
