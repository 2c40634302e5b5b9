// core/cli/setup/choices.h: what a new server is to be, as its operator chose.
#pragma once

#include <string>
#include <vector>

namespace freshet::cli {

struct Choices {
  std::string file = "freshet.toml";
  bool force = false;  // what is there may go

  std::string listen = "127.0.0.1:4747";
  std::string admin = "unix:data/admin.sock";
  std::vector<std::string> wires{"yjs", "hocuspocus", "pluv"};
  std::string auth = "none";  // jwt, webhook
  std::string auth_url;       // webhook
  std::string store = "sqlite";
  std::string path = "data/freshet.db";  // sqlite
  std::vector<std::string> origins;      // whose pages may connect
  std::vector<std::string> proxies;      // believed about the client's address
  std::string webhook;                   // a backend that is told; empty: none
};

// The manifest, with a comment for each choice. It takes FRESHET_AUTH_SECRET,
// FRESHET_WEBHOOK_SECRET and FRESHET_DATABASE_URL from the environment where it needs them.
std::string manifest_text(const Choices& choices);

// A variable that the manifest takes from the environment.
struct Needed {
  std::string name;
  bool is_secret;  // that anything random will do for
};
std::vector<Needed> variables_of(const Choices& choices);

}  // namespace freshet::cli
