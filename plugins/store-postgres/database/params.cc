#include "store-postgres/database/params.h"

#include <utility>

namespace freshet::postgres {

namespace {

// PostgreSQL's numbers of types.
constexpr uint32_t kBoolean = 16, kBytea = 17, kBigint = 20, kText = 25;
constexpr uint32_t kBooleanArray = 1000, kByteaArray = 1001, kBigintArray = 1016;

constexpr size_t kCountAt = 12;  // in the head of an array

template <class Number>
void append_big_endian(std::string& out, Number number) {
  for (int shift = 8 * (static_cast<int>(sizeof(number)) - 1); shift >= 0; shift -= 8) {
    out += static_cast<char>(static_cast<uint64_t>(number) >> shift & 0xff);
  }
}

uint32_t array_type_of(uint32_t element_type) {
  return element_type == kBytea    ? kByteaArray
         : element_type == kBigint ? kBigintArray
                                   : kBooleanArray;
}

uint32_t number_at(const std::string& bytes, size_t at) {
  uint32_t out = 0;
  for (size_t i = 0; i < sizeof(out); ++i) out = out << 8 | static_cast<uint8_t>(bytes[at + i]);
  return out;
}

}  // namespace

Array::Array(uint32_t element_type) {
  append_big_endian(bytes_, uint32_t{1});  // dimensions
  append_big_endian(bytes_, uint32_t{1});  // there may be NULLs
  append_big_endian(bytes_, element_type);
  append_big_endian(bytes_, uint32_t{0});  // how many, see bytes()
  append_big_endian(bytes_, uint32_t{1});  // the first index
}

void Array::begin(size_t length) {
  append_big_endian(bytes_, static_cast<uint32_t>(length));
  ++count_;
}

Array& Array::add(Bytes element) {
  begin(element.size());
  bytes_.append(as_text(element));
  return *this;
}

Array& Array::add(int64_t element) {
  begin(sizeof(element));
  append_big_endian(bytes_, element);
  return *this;
}

Array& Array::add(bool element) {
  begin(1);
  bytes_ += static_cast<char>(element);
  return *this;
}

Array& Array::add_null() {
  begin(UINT32_MAX);
  return *this;
}

std::string Array::bytes() && {
  std::string count;
  append_big_endian(count, count_);
  bytes_.replace(kCountAt, count.size(), count);
  return std::move(bytes_);
}

Params& Params::push(uint32_t type, const char* data, size_t size) {
  types_.push_back(type);
  values_.push_back(data);
  lengths_.push_back(static_cast<int>(size));
  formats_.push_back(1);
  return *this;
}

Params& Params::push_owned(uint32_t type, std::string value) {
  const std::string& kept = owned_.emplace_back(std::move(value));
  return push(type, kept.data(), kept.size());
}

// A null pointer would be NULL, which no bytes at all are not.
Params& Params::add(Bytes value) {
  const std::string_view text = as_text(value);
  return push(kBytea, text.data() == nullptr ? "" : text.data(), text.size());
}

Params& Params::add(Text value) { return push_owned(kText, std::string(value.value)); }

Params& Params::add(int64_t value) {
  std::string bytes;
  append_big_endian(bytes, value);
  return push_owned(kBigint, std::move(bytes));
}

Params& Params::add(bool value) { return push_owned(kBoolean, std::string(1, char{value})); }

Params& Params::add(Array value) {
  std::string bytes = std::move(value).bytes();
  const uint32_t type = array_type_of(number_at(bytes, 8));
  return push_owned(type, std::move(bytes));
}

}  // namespace freshet::postgres
