#include "app-webhook/options/named_files.h"

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "freshet/format/reason.h"

namespace freshet::webhook {
namespace {

struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Close>;

Status refuse(const Host& host, const std::string& reason) {
  host.error(reason);
  return Status::malformed;
}

Status read_secret_file(Options& options, const Host& host) {
  const std::string& path = options.secret_file;
  std::string& secret = options.secret;
  const File file(std::fopen(path.c_str(), "rbe"));
  if (file == nullptr) return refuse(host, "secret_file: " + path + ": " + reason_of(errno));
  secret.resize(kMaxSecretFileBytes + 1);
  secret.resize(std::fread(secret.data(), 1, secret.size(), file.get()));
  if (std::ferror(file.get()) != 0 || secret.size() > kMaxSecretFileBytes) {
    return refuse(host, "secret_file: " + path + ": cannot be read, or is longer than " +
                            std::to_string(kMaxSecretFileBytes) + " bytes");
  }
  // Editors end a file with a new line.
  while (secret.ends_with('\n') || secret.ends_with('\r')) secret.pop_back();
  return secret.empty() ? refuse(host, "secret_file: is empty") : Status::ok;
}

Status judge_ca_file(const std::string& path, const Host& host) {
  const File file(std::fopen(path.c_str(), "rbe"));
  if (file == nullptr) return refuse(host, "ca_file: " + path + ": " + reason_of(errno));
  std::error_code none;
  const uintmax_t bytes = std::filesystem::file_size(path, none);
  if (none || bytes <= kMaxCaFileBytes) return Status::ok;
  return refuse(host, "ca_file: " + path + ": has " + std::to_string(bytes) + " bytes, more than " +
                          std::to_string(kMaxCaFileBytes));
}

}  // namespace

Status read_named_files(Options& options, const Host& host) {
  if (!options.secret_file.empty()) FRESHET_CHECK(read_secret_file(options, host));
  return options.ca_file.empty() ? Status::ok : judge_ca_file(options.ca_file, host);
}

}  // namespace freshet::webhook
