#include "core/cli/setup/init.h"

#include <fcntl.h>
#include <sodium.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <sstream>

#include "core/cli/composition.h"

namespace freshet::cli {
namespace {

constexpr mode_t kForAll = 0644, kForOwner = 0600;

// ---- asking

std::string ask_for(const std::string& question, const std::string& usual) {
  std::cerr << question << " [" << (usual.empty() ? "none" : usual) << "] " << std::flush;
  std::string line;
  if (!std::getline(std::cin, line) || line.empty()) return usual;
  return line;
}

std::string ask_one_of(const std::string& question, const std::vector<std::string>& known,
                       const std::string& usual) {
  std::string all;
  for (const std::string& each : known) all += (all.empty() ? "" : ", ") + each;
  for (;;) {
    std::string said = ask_for(question + " (" + all + ")", usual);
    if (std::ranges::find(known, said) != known.end() || !std::cin) return said;
    std::cerr << "  one of " << all << ", please\n";
  }
}

std::vector<std::string> words_of(std::string text) {
  std::ranges::replace(text, ',', ' ');
  std::istringstream in(text);
  std::vector<std::string> out;
  for (std::string word; in >> word;) out.push_back(word);
  return out;
}

void ask_all(Choices& choices) {
  std::cerr << "A few questions; Enter takes what stands in brackets.\n";
  choices.wires =
      words_of(ask_for("What do clients use? yjs is y-websocket", "yjs, hocuspocus, pluv"));
  choices.auth = ask_one_of(
      "Who may come? none: all who reach it; jwt: who has a token; webhook: your backend decides",
      {"none", "jwt", "webhook"}, "none");
  if (choices.auth == "webhook")
    choices.auth_url = ask_for("Where is your backend asked? https://...", "");
  if (choices.auth != "none") {
    choices.listen = ask_for(
        "Where does it listen? tls:0.0.0.0:443 for everybody, with a certificate", choices.listen);
    choices.origins = words_of(ask_for("Whose pages may connect? https://app.example.com", ""));
  }
  choices.store = ask_one_of("Where are documents kept? postgres: for several servers",
                             {"sqlite", "postgres"}, "sqlite");
  choices.webhook = ask_for("Which URL is told what happens in rooms?", "");
}

// ---- judging

bool is_url(const std::string& text) {
  return text.starts_with("https://") || text.starts_with("http://");
}

std::string fault_of(const Choices& choices) {
  for (const std::string& wire : choices.wires) {
    if (wire != "yjs" && wire != "hocuspocus" && wire != "pluv") {
      return "\"" + wire + "\" is none of yjs, hocuspocus, pluv";
    }
  }
  if (choices.wires.empty())
    return "without a protocol no client can talk to it: yjs, hocuspocus or pluv";
  if (choices.auth == "webhook" && !is_url(choices.auth_url))
    return "auth by webhook needs its URL: --auth-url https://...";
  if (!choices.webhook.empty() && !is_url(choices.webhook))
    return "\"" + choices.webhook + "\" is no URL like https://...";
  return {};
}

// ---- writing

bool write_file(const std::string& file, const std::string& text, mode_t mode, bool force) {
  const int fd =
      ::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | (force ? O_TRUNC : O_EXCL), mode);
  const bool good =
      fd >= 0 && ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const int reason = errno;
  if (fd >= 0) ::close(fd);
  if (good) return true;
  std::cerr << file << ": "
            << (reason == EEXIST ? "is there already; --force replaces it" : std::strerror(reason))
            << "\n";
  return false;
}

std::string random_secret() {
  std::array<unsigned char, 32> bytes{};
  std::array<char, 65> text{};
  randombytes_buf(bytes.data(), bytes.size());
  sodium_bin2hex(text.data(), text.size(), bytes.data(), bytes.size());
  return text.data();
}

std::string environment_text(const std::vector<Needed>& needed) {
  std::string out = "# What the manifest takes from the environment. Keep it to yourself.\n";
  for (const Needed& each : needed) {
    out += each.name + "=" +
           (each.is_secret ? random_secret() : "postgresql://user:password@127.0.0.1/freshet") +
           "\n";
  }
  return out;
}

// Secrets that are there are somebody's: clients have tokens by them. The manifest is judged with
// what stands there, or might.
bool keep_secrets(const std::string& file, const std::vector<Needed>& needed) {
  const std::string text = environment_text(needed);
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const size_t equals = line.find('=');
    if (line.front() != '#') ::setenv(line.substr(0, equals).c_str(), line.c_str() + equals + 1, 0);
  }
  std::error_code ignored;
  if (std::filesystem::exists(file, ignored)) {
    std::cerr << file << ": is there already, and stays as it is\n";
    return true;
  }
  return write_file(file, text, kForOwner, false);
}

void tell_what_next(const Choices& choices, const std::string& environment) {
  const std::string named = choices.file == "freshet.toml" ? "" : " " + choices.file;
  std::cout << choices.file << " is written. Next:\n\n";
  if (!environment.empty()) {
    std::cout << "  set -a; . ./" << environment << "; set +a    # its secrets"
              << (choices.store == "postgres" ? ", and the database: put yours there" : "") << "\n";
  }
  std::cout << "  freshet doctor" << named << "    # would it work here?\n"
            << "  freshet serve" << named << "\n";
  if (choices.auth == "jwt") {
    std::cout << "  freshet token" << (named.empty() ? "" : " -m" + named)
              << " --room my-room --user me    # for a client\n";
  }
}

}  // namespace

ExitCode init(Choices choices, bool ask) {
  if (::sodium_init() < 0) return kFailed;
  if (ask) ask_all(choices);
  if (const std::string fault = fault_of(choices); !fault.empty()) {
    std::cerr << fault << "\n";
    return kUsage;
  }
  const std::vector<Needed> needed = variables_of(choices);
  const std::string environment = needed.empty() ? "" : environment_file(choices.file);
  if (!write_file(choices.file, manifest_text(choices), kForAll, choices.force)) return kFailed;
  if (!environment.empty() && !keep_secrets(environment, needed)) return kFailed;
  // What was written is good, or says what is to be mended.
  const ExitCode judged = check(ManifestSource(choices.file));
  if (judged == kOk) tell_what_next(choices, environment);
  return judged;
}

}  // namespace freshet::cli
