// Encoded states in a folder, and how they are encoded.
#include <sodium.h>

#include <filesystem>
#include <fstream>

#include "core/cli/limits.h"
#include "core/cli/migration/folder_walk.h"
#include "core/cli/migration/kept_states.h"
#include "freshet/format/url.h"

namespace freshet::cli {
namespace {

namespace fs = std::filesystem;

class FolderStates final : public KeptStates {
 public:
  explicit FolderStates(FolderWalk at) : at_(std::move(at)) {}

  bool next(KeptState& out) override {
    for (; !at_.at_end(); at_.step()) {
      const std::string name = at_.path().filename().string();
      if (name.starts_with('.')) continue;
      out = {.from = at_.path().string(), .room = {}, .update = {}, .fault = {}};
      read(name, out);
      at_.step();
      return true;
    }
    return false;
  }

  bool failed() const override { return at_.failed(); }

 private:
  void read(const std::string& name, KeptState& out) const {
    out.room = percent_decode(name);
    std::string text;
    out.fault = read_state_file(at_.path(), text);
    if (!out.fault.empty()) return;
    auto update = decode_state(text);
    if (!update) return void(out.fault = "is not base64");
    out.update = *std::move(update);
  }

  FolderWalk at_;
};

}  // namespace

std::string read_state_file(const fs::path& path, std::string& out) {
  std::error_code failure;
  const uintmax_t bytes = fs::file_size(path, failure);
  if (failure) return "cannot be read: " + failure.message();
  if (bytes > kMaxStateFileBytes) return "is larger than 2 GiB";
  out.resize(bytes);
  std::ifstream in(path, std::ios::binary);
  return in.read(out.data(), static_cast<std::streamsize>(bytes)) ? "" : "cannot be read";
}

std::optional<std::vector<uint8_t>> decode_state(std::string_view base64) {
  std::vector<uint8_t> out(base64.size() / 4 * 3 + 3);
  size_t size = 0;
  const int failure = sodium_base642bin(out.data(), out.size(), base64.data(), base64.size(),
                                        " \t\r\n", &size, nullptr, sodium_base64_VARIANT_ORIGINAL);
  if (failure != 0) return std::nullopt;
  out.resize(size);
  return out;
}

std::unique_ptr<KeptStates> pluv_states_of_folder(const Command& command) {
  auto at = FolderWalk::begin(command.folder);
  if (!at) return nullptr;
  return std::make_unique<FolderStates>(*std::move(at));
}

}  // namespace freshet::cli
