// process.h: the program under test, in a folder of its own.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace freshet::testing {

// A folder that goes with it.
class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  void write(const std::string& name, std::string_view text) const;
  std::string read(const std::string& name) const;

 private:
  std::filesystem::path path_;
};

struct Outcome {
  int exit = -1;  // -1: ended by a signal
  std::string out;
  std::string err;
};

using Variables = std::vector<std::pair<std::string, std::string>>;

// What the system gives the program of something, and how much more the program may take by itself.
struct SystemLimit {
  int resource;  // RLIMIT_NOFILE and the like
  rlim_t soft, hard;
};
using SystemLimits = std::vector<SystemLimit>;

// Runs FRESHET_BIN with `folder` as its working directory until it ends.
Outcome run(const TempFolder& folder, const std::vector<std::string>& arguments,
            const Variables& variables = {}, const SystemLimits& limits = {});

// A server in the background. Killed when this goes, unless it was stopped.
class Served {
 public:
  Served(const TempFolder& folder, const std::vector<std::string>& arguments,
         const Variables& variables = {}, const SystemLimits& limits = {});
  ~Served();
  Served(const Served&) = delete;
  Served& operator=(const Served&) = delete;

  // Reads its log until a line has `words`. False: it ended, or was silent for 30 seconds.
  bool says(std::string_view words);
  // SIGTERM, unless it has ended, and its exit code.
  int stop();
  const std::string& log() const { return log_; }
  // What it has in memory now.
  size_t resident_bytes() const;

 private:
  pid_t pid_ = -1;
  int pipe_ = -1;
  std::string log_;
  size_t read_ = 0;  // says() has looked at the log up to here
};

}  // namespace freshet::testing
