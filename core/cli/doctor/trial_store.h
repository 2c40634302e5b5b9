// core/cli/doctor/trial_store.h: a store that is not there yet is tried without being left behind.
#pragma once

#include <string>

#include "core/config/manifest.h"

namespace freshet::cli {

// The plugin whose store is a file.
inline constexpr const char* kFileStore = "store-sqlite";

// Gives store-sqlite a file in a folder of its own, where the manifest's file would be made, if
// there is none yet. The folder goes with this, which outlives the store. [main]
class TrialStore {
 public:
  explicit TrialStore(Manifest& manifest);
  ~TrialStore();
  TrialStore(const TrialStore&) = delete;
  TrialStore& operator=(const TrialStore&) = delete;

  // Where the store is going to be; empty: it is there, or is no file.
  const std::string& instead_of() const { return instead_of_; }

 private:
  std::string folder_, instead_of_;
};

}  // namespace freshet::cli
