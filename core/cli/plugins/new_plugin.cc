#include "core/cli/plugins/new_plugin.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <system_error>
#include <vector>

#include "core/cli/limits.h"
#include "core/cli/plugins/template_files.h"
#include "core/host/plugin_path.h"
#include "core/report/nearest.h"
#include "core/report/printable.h"

namespace freshet::cli {
namespace {

namespace fs = std::filesystem;

struct Language {
  std::string_view name, shown;
  std::string_view source;  // what the plugin's own file ends in
  std::string_view place;   // where that goes in a project; empty: where it is
  std::string_view tests;   // what the file of its tests ends in; empty: they are in its own
  std::string_view layers;  // folders of sdk/template, a space between
  std::string_view built;   // before the plugin's name, as a manifest is to have it
  std::string_view build;   // what a person types first
};
constexpr std::string_view kBuilt = "./build/";  // as the examples' manifests have it
constexpr std::string_view kMeson = "meson setup build && ninja -C build && meson test -C build";
constexpr Language kLanguages[] = {
    {"cpp", "C++", ".cc", "", "_test.cc", "native cpp", kBuilt, kMeson},
    {"c", "C", ".c", "", "_test.cc", "native c", kBuilt, kMeson},
    {"rust", "Rust", ".rs", "src/lib.rs", "", "rust", "./target/release/lib",
     "cargo test --offline && cargo build --release --offline"},
};

struct Kind {
  std::string_view name, what;
};
constexpr Kind kKinds[] = {
    {"store", "where rooms are kept"},
    {"auth", "who somebody is, and what they may do"},
    {"app", "what rooms tell, and procedures that clients call"},
    {"protocol", "a wire: messages of clients to rooms, and back"},
    {"http", "pages and interfaces under a path"},
    {"bus", "what the nodes of a cluster say to each other"},
    {"crdt", "an engine: documents that merge"},
};

template <class Known>
const Known* find(std::string_view name, const Known& from, size_t count) {
  const Known* const end = &from + count;
  const Known* const at = std::find_if(&from, end, [&](const Known& k) { return k.name == name; });
  return at == end ? nullptr : at;
}

// Where a file of a kind's folder goes, for a language; empty: nowhere.
std::string place_of(std::string_view path, const Kind& kind, const Language& language) {
  const std::string own = "my_" + std::string(kind.name);
  if (path == own + std::string(language.source)) {
    return language.place.empty() ? std::string(path) : std::string(language.place);
  }
  const bool tests = !language.tests.empty() && path == own + std::string(language.tests);
  return tests || !path.starts_with(own) ? std::string(path) : "";
}

// Path in the project -> text.
using Project = std::map<std::string, std::string>;

// By which folders of sdk/ a project is made.
std::vector<std::string> layers_of(const Kind& kind, const Language& language) {
  std::vector<std::string> out = {"template/project/"};
  for (std::string_view left = language.layers; !left.empty();) {
    const std::string_view layer = left.substr(0, left.find(' '));
    left.remove_prefix(std::min(layer.size() + 1, left.size()));
    out.push_back("template/" + std::string(layer) + "/");
  }
  out.push_back("examples/" + std::string(kind.name) + "/");
  return out;
}

Project compose(const Kind& kind, const Language& language) {
  Project out;
  for (const std::string& layer : layers_of(kind, language)) {
    for (const EmbeddedFile& file : template_files()) {
      if (!file.path.starts_with(layer)) continue;
      const std::string place = place_of(file.path.substr(layer.size()), kind, language);
      if (!place.empty()) out[place] += file.text;
    }
  }
  const bool is_rust = language.name == "rust";
  for (const EmbeddedFile& file : template_files()) {
    // The crate is beside it, so that nothing has to be fetched.
    if (is_rust && file.path.starts_with("rust/")) {
      out["freshet/" + std::string(file.path.substr(5))] = file.text;
    }
    if (!is_rust && file.path == "../.clang-format") out[".clang-format"] = file.text;
  }
  return out;
}

bool has(const Kind& kind, const Language& language) {
  const std::string source = "examples/" + std::string(kind.name) + "/my_" +
                             std::string(kind.name) + std::string(language.source);
  return std::ranges::any_of(template_files(), [&](auto& file) { return file.path == source; });
}

// "notes-store": notes_store, NotesStore.
std::string snake(std::string_view name) {
  std::string out(name);
  std::replace(out.begin(), out.end(), '-', '_');
  return out;
}
std::string camel(std::string_view name) {
  std::string out;
  bool first = true;
  for (const char c : name) {
    if (c != '-') out += first && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    first = c == '-';
  }
  return out;
}

// In one pass, so that nothing of a name is taken for a word of the template's.
class Renaming {
 public:
  Renaming(const std::string& name, const Kind& kind, const Language& language) {
    if (language.built != kBuilt) {
      words_.emplace_back(std::string(kBuilt) + "my-" + std::string(kind.name) + ".so",
                          std::string(language.built) + snake(name) + ".so");
    }
    for (const std::string& old : {std::string("my-plugin"), "my-" + std::string(kind.name)}) {
      words_.emplace_back(old, name);
      words_.emplace_back(snake(old), snake(name));
      words_.emplace_back(camel(old), camel(name));
    }
  }
  std::string of(std::string_view text) const {
    std::string out;
    while (!text.empty()) {
      const auto word = std::find_if(words_.begin(), words_.end(),
                                     [&](auto& w) { return text.starts_with(w.first); });
      out += word == words_.end() ? std::string(text.substr(0, 1)) : word->second;
      text.remove_prefix(word == words_.end() ? 1 : word->first.size());
    }
    return out;
  }

 private:
  std::vector<std::pair<std::string, std::string>> words_;
};

// Why a plugin cannot be called so; empty: it can. Of two words, so that it is no word of a
// language's, or of a build system's.
std::string flaw_of_name(const std::string& name) {
  const auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  bool begins = true;  // a word
  for (const char c : name) {
    const bool good = begins ? letter(c) : letter(c) || digit(c) || c == '-';
    if (!good) return "is not of small letters and digits, with a '-' between words";
    begins = c == '-';
  }
  if (begins || name.find('-') == name.npos)
    return "is not of two words or more, as \"notes-store\"";
  if (name.size() > kMaxPluginNameBytes) return "is longer than 40 letters";
  std::string ignored;
  if (PluginPath::with_own({}).find(name, ignored)) return "is a plugin that is there already";
  return "";
}

template <class Known, size_t kCount>
const Known* choose(const char* what, const std::string& name, const Known (&from)[kCount]) {
  if (const Known* known = find(name, from[0], kCount)) return known;
  std::vector<std::string_view> names;
  for (const Known& each : from) names.push_back(each.name);
  std::cerr << "there is no " << what << " \"" << printable(name) << "\"" << suggestion(name, names)
            << "\n";
  return nullptr;
}

int print_list() {
  for (const Kind& kind : kKinds) {
    std::string line(kind.name);
    line.resize(10, ' ');
    for (const Language& language : kLanguages) {
      line += has(kind, language) ? std::string(language.name) + " " : "";
    }
    line.resize(24, ' ');
    std::cout << line << kind.what << "\n";
  }
  return 0;
}

bool write(const fs::path& file, const std::string& text) {
  std::error_code failed;
  fs::create_directories(file.parent_path(), failed);
  std::ofstream out(file, std::ios::binary);
  out << text;
  out.close();
  if (!out) std::cerr << "cannot write " << file.string() << "\n";
  return static_cast<bool>(out);
}

}  // namespace

ExitCode new_plugin(const NewPlugin& wanted) {
  if (wanted.list) {
    print_list();
    return kOk;
  }
  const std::string flaw = flaw_of_name(wanted.name);
  if (!flaw.empty()) std::cerr << "the name \"" << printable(wanted.name) << "\" " << flaw << "\n";
  const Kind* kind = choose("kind of plugin", wanted.kind, kKinds);
  const Language* language = choose("language", wanted.language, kLanguages);
  if (!flaw.empty() || kind == nullptr || language == nullptr) return kUsage;
  if (!has(*kind, *language)) {
    std::cerr << "there is no " << kind->name << " in " << language->shown << " to begin from\n";
    return kUsage;
  }

  std::error_code failed;
  if (!fs::create_directory(wanted.name, failed)) {
    std::cerr << "cannot make the folder " << wanted.name << ": "
              << (failed ? failed.message() : "it is there already") << "\n";
    return kFailed;
  }
  const Renaming renaming(wanted.name, *kind, *language);
  const Project project = compose(*kind, *language);
  for (const auto& [path, text] : project) {
    if (!write(fs::path(wanted.name) / renaming.of(path), renaming.of(text))) return kFailed;
  }
  std::cout << wanted.name << ": a plugin of kind " << kind->name << " in " << language->shown
            << ", " << project.size() << " files. Next:\n\n"
            << "    cd " << wanted.name << "\n    " << language->build << "\n"
            << "    freshet check freshet.toml\n\nREADME.md says the rest.\n";
  return kOk;
}

}  // namespace freshet::cli
