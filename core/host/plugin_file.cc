#include "core/host/plugin_file.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstring>
#include <system_error>

#define BOOST_DLL_USE_STD_FS
#include <boost/dll/shared_library.hpp>

#include "core/config/settings.h"
#include "core/host/limits.h"
#include "core/host/service_tables.h"
#include "core/host/signed_file.h"

namespace freshet {
namespace {

// The descriptor of the oldest plugin this server accepts: without what a store may add.
constexpr size_t kMinDescriptor = offsetof(freshet_plugin, shared);
constexpr size_t kMinSetting = offsetof(freshet_setting, help) + sizeof(const char*);

// Loads the library for good: RTLD_NODELETE turns the unloading that Boost's destructor does into
// nothing, so that no function pointer, and no string of a plugin, ever dangles.
void* entry_symbol(const std::filesystem::path& file, std::string& reason) {
  namespace dll = boost::dll;
  const auto mode = dll::load_mode::rtld_now | dll::load_mode::rtld_local |
                    static_cast<dll::load_mode::type>(RTLD_NODELETE);
  std::error_code error;
  dll::shared_library library;
  dlerror();
  library.load(std::filesystem::absolute(file), error, mode);
  if (error) {
    const char* why = dlerror();
    reason = "cannot be loaded: " + (why != nullptr ? std::string(why) : error.message());
    return nullptr;
  }
  void* symbol = dlsym(library.native(), FRESHET_PLUGIN_ENTRY);
  if (symbol == nullptr) {
    reason = "is no Freshet plugin: it exports no " + std::string(FRESHET_PLUGIN_ENTRY);
  }
  return symbol;
}

std::string check_ids(const char* const* ids, const char* what, std::vector<std::string>& out) {
  for (size_t i = 0; ids != nullptr && ids[i] != nullptr; ++i) {
    if (i == kMaxServices) return std::string(what) + " more services than there are";
    const std::string id = ids[i];
    if (id.empty() || std::find(out.begin(), out.end(), id) != out.end()) {
      return std::string(what) + " \"" + id + "\" twice, or under no name";
    }
    out.push_back(id);
  }
  return "";
}

// "freshet.store/1": a service of ours, in a revision that this server does not speak.
std::string foreign_revision(const std::vector<std::string>& ids) {
  for (const std::string& id : ids) {
    if (!id.starts_with("freshet.") || known_service(id)) continue;
    const std::string ours = id.substr(0, id.find('/')) + "/0";
    return known_service(ours) ? "offers " + id + ", and this server speaks " + ours
                               : "offers " + id + ", which this server does not know";
  }
  return "";
}

}  // namespace

std::optional<PluginFile> PluginFile::open(const std::filesystem::path& file, std::string& reason,
                                           const Trust& trust) {
  reason.clear();
  std::filesystem::path loaded = file;
  if (trust.require_signed) loaded = SignedFile::open(file, trust, reason);
  void* symbol = reason.empty() ? entry_symbol(loaded, reason) : nullptr;
  if (symbol == nullptr) return std::nullopt;
  PluginFile out;
  out.path_ = file;
  out.about_ = reinterpret_cast<freshet_plugin_entry_fn>(symbol)();
  reason = out.read_descriptor();
  if (!reason.empty()) return std::nullopt;
  return out;
}

// The size and the ABI are read before anything else: nothing behind them is known to be where
// this server looks for it.
std::string PluginFile::read_descriptor() {
  if (about_ == nullptr) return "gives no descriptor";
  if (about_->abi != FRESHET_ABI_VERSION) {
    return "was built for ABI version " + std::to_string(about_->abi) +
           ", and this server speaks " + std::to_string(FRESHET_ABI_VERSION) +
           ": build it against this server's SDK";
  }
  if (about_->size < kMinDescriptor) {
    return "has a descriptor of " + std::to_string(about_->size) + " bytes (ABI version " +
           std::to_string(about_->abi) + "), and this server reads " +
           std::to_string(kMinDescriptor) + " (ABI version " + std::to_string(FRESHET_ABI_VERSION) +
           "): build it against this server's SDK";
  }
  for (const char* text : {about_->id, about_->version, about_->licence, about_->summary}) {
    if (text == nullptr) return "leaves out its id, version, licence or summary";
  }
  if (*about_->id == '\0') return "has no id";
  if (about_->create == nullptr || about_->destroy == nullptr || about_->service == nullptr) {
    return "leaves out create, destroy or service";
  }
  if (auto fault = check_ids(about_->offers, "offers", offers_); !fault.empty()) return fault;
  if (auto fault = check_ids(about_->needs, "needs", needs_); !fault.empty()) return fault;
  if (auto fault = foreign_revision(offers_); !fault.empty()) return fault;

  if (about_->setting_count > kMaxSettings ||
      (about_->setting_count > 0 &&
       (about_->settings == nullptr || about_->setting_size < kMinSetting))) {
    return "describes its settings in a way this server cannot read";
  }
  // The plugin may have been built with longer entries: its own size is the stride.
  const char* at = reinterpret_cast<const char*>(about_->settings);
  for (size_t i = 0; i < about_->setting_count; ++i, at += about_->setting_size) {
    freshet_setting setting{};
    std::memcpy(&setting, at, std::min<size_t>(sizeof(setting), about_->setting_size));
    settings_.push_back(setting);
  }
  if (const auto fault = schema_fault(settings_); !fault.empty()) return "declares " + fault;
  return "";
}

bool PluginFile::shares_store() const {
  return about_->size >= offsetof(freshet_plugin, shared) + sizeof(about_->shared) &&
         about_->shared != 0;
}

bool PluginFile::offers(std::string_view id) const {
  return std::find(offers_.begin(), offers_.end(), id) != offers_.end();
}

}  // namespace freshet
