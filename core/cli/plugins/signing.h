// core/cli/plugins/signing.h: `freshet plugin keygen`, `sign` and `verify`.
#pragma once

#include <string>
#include <vector>

#include "core/cli/exit_code.h"

namespace CLI {
class App;
}

namespace freshet::cli {

struct Signing {
  enum class What { nothing, keygen, sign, verify };
  What what = What::nothing;
  std::string key;                   // keygen, sign: a file
  std::vector<std::string> trusted;  // verify: public keys, as text or as files
  std::string manifest;              // verify: the keys it trusts; empty: no manifest's
  std::vector<std::string> files;
};

// `out` is filled in when the line is parsed, and outlives that.
void add_signing_commands(CLI::App& plugin, Signing& out);

ExitCode run_signing(const Signing& asked);

}  // namespace freshet::cli
