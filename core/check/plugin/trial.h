// core/check/plugin/trial.h: what the tests of one process try, and what came of it.
#pragma once

#include <optional>
#include <string>

#include "core/check/plugin/subject.h"
#include "core/check/run/witness.h"

namespace freshet::check {

// What was found out of a plugin before its tests were made.
struct Facts {
  bool keeps = false;        // a store whose content is there when it is opened again
  bool shared = false;       // a store that many may have open
  std::string lacking = {};  // what it takes to create it, and is not given
};

// One in a process. GoogleTest makes its tests without arguments, so they find it by here(): the
// one place of this program that is reached from everywhere. [main]
class Trial {
 public:
  Trial(const Subject& subject, Witness& witness);
  ~Trial();
  Trial(const Trial&) = delete;
  Trial& operator=(const Trial&) = delete;

  static Trial& here();

  const Subject& subject() const { return subject_; }
  const Facts& facts() const { return facts_; }
  void set_facts(const Facts& facts) { facts_ = facts; }
  Witness& witness() { return witness_; }

  // Loaded when first asked for, as the server loads it. Null: `reason()` says why it is none.
  const PluginFile* file();
  const std::string& reason() const { return reason_; }

  // A place of its own for each word that is asked for, in the folder of this process for what is
  // temporary.
  Place place(const std::string& word) const;

  // What plugins that were destroyed had to say, the end of it.
  void keep_log(const std::string& log);
  const std::string& log() const { return log_; }

 private:
  const Subject& subject_;
  Witness& witness_;
  Facts facts_;
  bool loaded_ = false;
  std::optional<PluginFile> file_;
  std::string reason_;
  std::string log_;
};

}  // namespace freshet::check
