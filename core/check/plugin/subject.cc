#include "core/check/plugin/subject.h"

#include <algorithm>

#include "freshet/abi.h"

namespace freshet::check {
namespace {

constexpr std::string_view kPlace = "{place}", kDir = "{dir}";

bool has_place(const std::string& text) {
  return text.find(kPlace) != std::string::npos || text.find(kDir) != std::string::npos;
}

void put_in(std::string& text, std::string_view what, const std::string& by) {
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
}

std::string in_place(std::string text, const Place& place) {
  put_in(text, kPlace, place.word);
  put_in(text, kDir, place.folder.string());
  return text;
}

const freshet_setting* declared(const PluginFile& file, std::string_view key) {
  const auto found = std::ranges::find_if(
      file.settings(), [&](const freshet_setting& one) { return key == one.key; });
  return found == file.settings().end() ? nullptr : &*found;
}

bool is_free_text(const freshet_setting* setting) {
  return setting != nullptr && setting->type == FRESHET_TEXT && setting->choices == nullptr;
}

// By custom: a file or folder of its own, or the names that keep two servers of one database apart.
std::vector<std::pair<std::string, std::string>> usual_places(const PluginFile& file) {
  std::vector<std::pair<std::string, std::string>> out;
  if (is_free_text(declared(file, "path"))) out.emplace_back("path", "{dir}/store");
  for (const char* key : {"schema", "cluster"}) {
    if (is_free_text(declared(file, key))) out.emplace_back(key, "{place}");
  }
  return out;
}

// Somebody's data: a store must never be tried where it may have some.
bool keeps_data(const PluginFile& file) {
  return file.offers(FRESHET_STORE_ID) || file.offers(FRESHET_BUS_ID);
}

class Writing {
 public:
  explicit Writing(WrittenTable table) : table_(std::move(table)) {}

  void set(const PluginFile& file, const std::string& key, const std::string& text) {
    std::erase_if(table_, [&](const WrittenEntry& one) { return one.key == key; });
    const freshet_setting* setting = declared(file, key);
    table_.push_back({key, 0, written_for(setting ? *setting : freshet_setting{}, text)});
  }
  bool has(std::string_view key) const {
    return std::ranges::any_of(table_, [&](const WrittenEntry& one) { return one.key == key; });
  }
  const WrittenTable& table() const { return table_; }

 private:
  WrittenTable table_;
};

std::string lacking_of(const PluginFile& file, const Writing& written) {
  std::string out;
  for (const freshet_setting& setting : file.settings()) {
    if ((setting.flags & FRESHET_REQUIRED) == 0 || written.has(setting.key)) continue;
    const std::string key = setting.key;
    out += (out.empty() ? "needs " : ", ") + key;
  }
  if (out.empty()) return out;
  const std::string first = out.substr(6, out.find(',') - 6);
  return out + ": give it by --set " + first + "=..., or name by -m a manifest that has it";
}

}  // namespace

Written written_for(const freshet_setting& setting, const std::string& text) {
  Written out;
  out.from_environment = true;  // numbers and flags come as texts, and nothing is repeated
  out.kind = setting.type == FRESHET_STRINGS ? Written::Kind::list : Written::Kind::text;
  out.text = text;
  for (size_t at = 0; out.kind == Written::Kind::list && at <= text.size();) {
    const size_t comma = std::min(text.find(',', at), text.size());
    out.list.push_back(text.substr(at, comma - at));
    at = comma + 1;
  }
  return out;
}

Told tell(const Subject& subject, const PluginFile& file, const Place& place, Problems& problems) {
  Told out;
  Writing written(subject.written);
  bool placed = false;
  for (const auto& [key, text] : subject.set) {
    written.set(file, key, in_place(text, place));
    placed = placed || has_place(text);
  }
  if (keeps_data(file) && !placed) {
    for (const auto& [key, text] : usual_places(file)) {
      written.set(file, key, in_place(text, place));
      placed = true;
    }
  }
  if (!place.backup.empty()) written.set(file, "path", place.backup.string());
  out.keeps = placed && file.offers(FRESHET_STORE_ID);
  out.lacking = lacking_of(file, written);
  const bool texts = std::ranges::any_of(
      file.settings(), [](const freshet_setting& one) { return is_free_text(&one); });
  if (out.lacking.empty() && keeps_data(file) && !placed && texts) {
    out.lacking =
        "it may have somebody's data: say by a setting where each test has its own, as --set "
        "folder={dir} or --set schema={place}";
  }
  if (!out.lacking.empty()) return out;
  out.settings =
      Settings::check(file.settings(), written.table(), {"settings", file.about().id, 0}, problems);
  return out;
}

}  // namespace freshet::check
