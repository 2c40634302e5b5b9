#include "core/check/plugin/exports.h"

#include <elf.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>

namespace freshet::check {
namespace {

// Whole structures out of a file's bytes, and nothing beyond them.
class Image {
 public:
  explicit Image(std::string bytes) : bytes_(std::move(bytes)) {}

  template <class T>
  std::optional<T> at(size_t offset) const {
    if (offset > bytes_.size() || bytes_.size() - offset < sizeof(T)) return std::nullopt;
    T out;
    std::memcpy(&out, bytes_.data() + offset, sizeof(T));
    return out;
  }
  std::string text(size_t offset) const {
    if (offset >= bytes_.size()) return {};
    return bytes_.substr(offset, bytes_.find('\0', offset) - offset);
  }

 private:
  std::string bytes_;
};

std::optional<Elf64_Shdr> section(const Image& image, const Elf64_Ehdr& head, size_t index) {
  return image.at<Elf64_Shdr>(head.e_shoff + index * sizeof(Elf64_Shdr));
}

bool shown_to_others(const Elf64_Sym& symbol) {
  const unsigned bind = ELF64_ST_BIND(symbol.st_info);
  const unsigned seen = ELF64_ST_VISIBILITY(symbol.st_other);
  return symbol.st_shndx != SHN_UNDEF && symbol.st_shndx != SHN_ABS && bind != STB_LOCAL &&
         (seen == STV_DEFAULT || seen == STV_PROTECTED);
}

}  // namespace

std::vector<std::string> exported_symbols(const std::filesystem::path& file, std::string& reason) {
  std::ifstream in(file, std::ios::binary);
  const Image image(std::string(std::istreambuf_iterator<char>(in), {}));
  const auto head = image.at<Elf64_Ehdr>(0);
  if (!head || std::memcmp(head->e_ident, ELFMAG, SELFMAG) != 0 ||
      head->e_ident[EI_CLASS] != ELFCLASS64) {
    reason = "is no library of 64 bits";
    return {};
  }
  std::vector<std::string> out;
  for (size_t i = 0; i < head->e_shnum; ++i) {
    const auto symbols = section(image, *head, i);
    if (!symbols || symbols->sh_type != SHT_DYNSYM) continue;
    const auto names = section(image, *head, symbols->sh_link);
    for (size_t at = 0; names && at + sizeof(Elf64_Sym) <= symbols->sh_size;
         at += sizeof(Elf64_Sym)) {
      const auto symbol = image.at<Elf64_Sym>(symbols->sh_offset + at);
      if (!symbol) break;
      if (shown_to_others(*symbol)) out.push_back(image.text(names->sh_offset + symbol->st_name));
    }
  }
  return out;
}

}  // namespace freshet::check
