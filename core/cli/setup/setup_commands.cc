#include "core/cli/setup/setup_commands.h"

#include <unistd.h>

#include <CLI/CLI.hpp>

namespace freshet::cli {

void add_init_options(CLI::App& init, Choices& out) {
  init.add_option("-o,--output", out.file, "The file to write")->capture_default_str();
  init.add_flag("--force", out.force, "What is there may go");
  init.add_option("--listen", out.listen, "For clients; tls:0.0.0.0:443 for everybody")
      ->capture_default_str();
  init.add_option("--admin", out.admin, "For rooms, metrics and health")->capture_default_str();
  init.add_option("--protocols", out.wires,
                  "Of yjs, hocuspocus, pluv, with commas between; all if left out")
      ->delimiter(',');
  init.add_option("--auth", out.auth,
                  "Who may come: none asks nobody; jwt wants tokens; webhook asks your backend")
      ->check(CLI::IsMember({"none", "jwt", "webhook"}))
      ->capture_default_str();
  init.add_option("--auth-url", out.auth_url, "Where your backend is asked who comes");
  init.add_option("--store", out.store, "Where documents are kept: postgres is for several servers")
      ->check(CLI::IsMember({"sqlite", "postgres"}))
      ->capture_default_str();
  init.add_option("--path", out.path, "The file of sqlite")->capture_default_str();
  init.add_option("--origin", out.origins, "An origin whose pages may connect (may be repeated)");
  init.add_option("--proxy", out.proxies,
                  "A proxy in front: believed about clients' addresses (may be repeated)");
  init.add_option("--webhook", out.webhook,
                  "Your backend's URL that is told what happens in rooms");
}

void add_doctor_options(CLI::App& doctor, Doubts& out) {
  CLI::Option* url = doctor.add_option(
      "--url", out.url, "What clients are given, as wss://collab.example.com/yjs/my-room");
  doctor.add_option("--origin", out.origin, "The origin of your page, as https://app.example.com")
      ->needs(url);
  doctor.add_flag("--json", out.json, "One JSON object a line");
}

bool is_to_ask(int argc) { return argc <= 2 && ::isatty(STDIN_FILENO) == 1; }

}  // namespace freshet::cli
