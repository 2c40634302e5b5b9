#include "core/cli/plugins/signing.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>

#include "core/cli/composition.h"
#include "core/report/printable.h"
#include "core/signing/limits.h"
#include "core/signing/signature.h"

namespace freshet::cli {
namespace {

std::optional<std::vector<uint8_t>> content_of(const std::filesystem::path& file, size_t limit) {
  std::error_code error;
  const uintmax_t size = std::filesystem::file_size(file, error);
  std::ifstream in(file, std::ios::binary);
  if (error || !in || size > limit) {
    std::cerr << printable(file.string()) << " cannot be read, or is too long\n";
    return std::nullopt;
  }
  return std::vector<uint8_t>(std::istreambuf_iterator<char>(in), {});
}

ExitCode make_key(const std::string& file) {
  const SecretKey key = SecretKey::make();
  if (const std::string fault = key.write(file); !fault.empty()) {
    std::cerr << printable(file) << " " << fault << "\n";
    return kFailed;
  }
  const std::string text = key.public_key().text();
  std::ofstream(file + ".pub") << text << "\n";
  std::cout << text << "\n";
  std::cerr << "key " << key.public_key().id() << ": " << printable(file)
            << " signs, and is nobody else's to read. A server that is to trust it has in its "
               "manifest, in [server]:\n  require_signed = true\n  trusted_keys = [\""
            << text << "\"]\n";
  return kOk;
}

ExitCode sign_all(const Signing& asked) {
  std::string reason;
  const auto key = SecretKey::read(asked.key, reason);
  if (!key) {
    std::cerr << printable(asked.key) << " " << reason << "\n";
    return kFailed;
  }
  for (const std::string& file : asked.files) {
    const auto bytes = content_of(file, kMaxSignedBytes);
    if (!bytes) return kFailed;
    const std::filesystem::path beside = signature_beside(file);
    std::ofstream out(beside, std::ios::binary | std::ios::trunc);
    out << signature_of(*bytes, *key) << std::flush;
    if (!out) {
      std::cerr << printable(beside.string()) << " cannot be written\n";
      return kFailed;
    }
    std::cout << printable(beside.string()) << "\n";
  }
  return kOk;
}

// A key as it is in a manifest, or a file with one.
std::optional<PublicKey> key_of(const std::string& said) {
  if (const auto key = PublicKey::parse(said)) return key;
  std::ifstream in(said, std::ios::binary);
  std::string text;
  std::getline(in, text);
  const auto key = PublicKey::parse(text);
  if (!key) std::cerr << printable(said) << " is no public key, and no file with one\n";
  return key;
}

bool read_trusted(const Signing& asked, std::vector<PublicKey>& out) {
  if (!asked.manifest.empty()) {
    ExitCode ignored = kOk;
    const auto manifest = manifest_of(asked.manifest, ignored);
    if (!manifest) return false;
    out = manifest->server.trust.keys;
  }
  for (const std::string& said : asked.trusted) {
    const auto key = key_of(said);
    if (!key) return false;
    out.push_back(*key);
  }
  if (out.empty()) std::cerr << "no key is trusted: give one by --trust, or a manifest with some\n";
  return !out.empty();
}

ExitCode verify_all(const Signing& asked) {
  std::vector<PublicKey> trusted;
  if (!read_trusted(asked, trusted)) return kManifest;
  ExitCode out = kOk;
  for (const std::string& file : asked.files) {
    const auto bytes = content_of(file, kMaxSignedBytes);
    if (!bytes) return kFailed;
    std::string fault = "is not signed: there is no " + signature_beside(file).string();
    std::error_code ignored;
    if (std::filesystem::exists(signature_beside(file), ignored)) {
      const auto signature = content_of(signature_beside(file), kMaxSignatureBytes);
      if (!signature) return kFailed;
      fault = signature_fault(as_text(*signature), *bytes, trusted);
    }
    if (!fault.empty()) out = kFailed;
    (fault.empty() ? std::cout : std::cerr)
        << printable(file) << " " << (fault.empty() ? "is good" : printable(fault)) << "\n";
  }
  return out;
}

}  // namespace

void add_signing_commands(CLI::App& plugin, Signing& out) {
  CLI::App* keygen = plugin.add_subcommand("keygen", "Make a key that signs plugins");
  keygen->add_option("file", out.key, "The file of the key; its public half goes into FILE.pub")
      ->required();
  keygen->callback([&out] { out.what = Signing::What::keygen; });

  CLI::App* sign = plugin.add_subcommand("sign", "Sign plugins: FILE.sig beside each");
  sign->add_option("--key", out.key, "A file that keygen made")->required();
  sign->add_option("plugin", out.files, "The files")->required();
  sign->callback([&out] { out.what = Signing::What::sign; });

  CLI::App* verify =
      plugin.add_subcommand("verify", "Tell whether plugins are signed, and by whom");
  verify->add_option("--trust", out.trusted, "A public key, or a file with one (may be repeated)");
  verify->add_option("-m,--manifest", out.manifest, "The manifest whose keys are trusted");
  verify->add_option("plugin", out.files, "The files")->required();
  verify->callback([&out] { out.what = Signing::What::verify; });
}

ExitCode run_signing(const Signing& asked) {
  switch (asked.what) {
    case Signing::What::keygen: return make_key(asked.key);
    case Signing::What::sign: return sign_all(asked);
    default: return verify_all(asked);
  }
}

}  // namespace freshet::cli
