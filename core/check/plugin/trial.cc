#include "core/check/plugin/trial.h"

#include <algorithm>
#include <cassert>
#include <cctype>

#include "core/check/limits.h"

namespace freshet::check {
namespace {

Trial* s_here = nullptr;

}  // namespace

Trial::Trial(const Subject& subject, Witness& witness) : subject_(subject), witness_(witness) {
  assert(s_here == nullptr);
  s_here = this;
  log_.reserve(2 * kMaxLogBytes);  // so that it never looks like a leak of the plugin's
}

Trial::~Trial() { s_here = nullptr; }

Trial& Trial::here() { return *s_here; }

const PluginFile* Trial::file() {
  if (!loaded_) {
    const Witness::Calling calling(witness_, "dlopen() and freshet_plugin_entry");
    file_ = PluginFile::open(subject_.file, reason_);
    loaded_ = true;
  }
  return file_ ? &*file_ : nullptr;
}

Place Trial::place(const std::string& word) const {
  const std::filesystem::path own = std::filesystem::temp_directory_path();
  std::filesystem::create_directories(own / word);
  // The folder is of this test alone, and of all its processes.
  std::string unique = own.filename().string() + "_" + word;
  std::ranges::replace_if(unique, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return {unique, own / word};
}

void Trial::keep_log(const std::string& log) {
  log_ += log;
  if (log_.size() > kMaxLogBytes) log_.erase(0, log_.size() - kMaxLogBytes);
}

}  // namespace freshet::check
