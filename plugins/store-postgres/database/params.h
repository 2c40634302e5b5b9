// plugins/store-postgres/database/params.h: what goes into the $1, $2, ... of a statement.
//
// All in PostgreSQL's binary form: nothing is quoted, and bytes are sent as they are. Bytes are
// borrowed until the statement was sent; arrays and numbers are owned.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "freshet/bytes.h"

namespace freshet::postgres {

// One array, in PostgreSQL's binary form: a head, then each element behind its length.
class Array {
 public:
  static Array of_bytes() { return Array(17); }     // bytea[]
  static Array of_numbers() { return Array(20); }   // bigint[]
  static Array of_booleans() { return Array(16); }  // boolean[]

  Array& add(Bytes element);
  Array& add(std::string_view element) { return add(as_bytes(element)); }
  Array& add(int64_t element);
  Array& add(bool element);
  Array& add_null();
  size_t count() const { return count_; }

 private:
  friend class Params;
  explicit Array(uint32_t element_type);
  void begin(size_t length);  // of the next element
  std::string bytes() &&;

  std::string bytes_;
  uint32_t count_ = 0;
};

// A text of PostgreSQL's, where bytes would be a bytea.
struct Text {
  std::string_view value;
};

class Params {
 public:
  Params() = default;
  Params(Params&&) = default;
  Params& operator=(Params&&) = default;

  Params& add(Bytes value);
  Params& add(std::string_view value) { return add(as_bytes(value)); }
  Params& add(int64_t value);
  Params& add(bool value);
  Params& add(Array value);
  Params& add(Text value);

  int count() const { return static_cast<int>(values_.size()); }
  const uint32_t* types() const { return types_.data(); }
  const char* const* values() const { return values_.data(); }
  const int* lengths() const { return lengths_.data(); }
  const int* formats() const { return formats_.data(); }

 private:
  Params& push(uint32_t type, const char* data, size_t size);
  Params& push_owned(uint32_t type, std::string value);

  std::deque<std::string> owned_;  // a deque: what is in it stays where it is
  std::vector<uint32_t> types_;
  std::vector<const char*> values_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
};

template <class... Values>
Params params_of(Values&&... values) {
  Params out;
  (out.add(std::forward<Values>(values)), ...);
  return out;
}

}  // namespace freshet::postgres
