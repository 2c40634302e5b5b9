#include "core/config/quantity.h"

#include <charconv>
#include <span>

namespace freshet {
namespace {

struct Unit {
  std::string_view name;
  int64_t factor;
  bool written = true;  // decimal sizes are read, but not written: one spelling per number
};

// From small to large: quantity_text() takes the largest that divides.
constexpr Unit kBytes[] = {
    {"B", 1},
    {"kB", 1000, false},
    {"KB", 1000, false},
    {"KiB", int64_t{1} << 10},
    {"MB", 1000 * 1000, false},
    {"MiB", int64_t{1} << 20},
    {"GB", 1000 * 1000 * 1000, false},
    {"GiB", int64_t{1} << 30},
    {"TiB", int64_t{1} << 40},
};
constexpr Unit kTimes[] = {
    {"ms", 1}, {"s", 1000}, {"min", 60'000}, {"h", 3'600'000}, {"d", 86'400'000},
};

std::span<const Unit> units_of(const char* unit) {
  const std::string_view name = unit == nullptr ? "" : unit;
  if (name == "bytes") return kBytes;
  if (name == "ms") return kTimes;
  return {};
}

std::string_view without_spaces(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

Result<int64_t> factor_of(std::string_view name, const char* unit) {
  if (name.empty()) return int64_t{1};
  for (const Unit& known : units_of(unit)) {
    if (known.name == name) return known.factor;
  }
  return Status::malformed;
}

}  // namespace

Result<int64_t> parse_quantity(std::string_view text, const char* unit) {
  text = without_spaces(text);
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc::result_out_of_range) return Status::too_large;
  if (error != std::errc{}) return Status::malformed;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  FRESHET_TRY(const int64_t factor, factor_of(without_spaces(text), unit));
  int64_t product = 0;
  if (__builtin_mul_overflow(number, factor, &product)) return Status::too_large;
  return product;
}

std::string quantity_text(int64_t number, const char* unit) {
  const auto known = units_of(unit);
  for (size_t i = known.size(); number != 0 && i-- > 0;) {
    if (known[i].written && number % known[i].factor == 0) {
      return std::to_string(number / known[i].factor) + " " + std::string(known[i].name);
    }
  }
  if (!known.empty()) return std::to_string(number) + " " + std::string(known[0].name);
  if (unit == nullptr || *unit == '\0') return std::to_string(number);
  return std::to_string(number) + " " + unit;
}

const char* quantity_example(const char* unit) {
  const std::string_view name = unit == nullptr ? "" : unit;
  if (name == "bytes") return "64 KiB";
  if (name == "ms") return "30 s";
  return "1000";
}

}  // namespace freshet
