// message_text.h: one message on its way out, as JSON or as msgpack.
//
// Both are built by the same calls. Bytes are an update, may be large, and come once at most: they
// are put in their place when the message is written, so that they are copied once.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "freshet/bytes.h"
#include "freshet/sink.h"

namespace freshet::pluv {

class JsonMessage {
 public:
  // `members` pairs of key() and a value follow, then end().
  void map(size_t members);
  void end() { text_ += '}'; }
  void key(std::string_view name);
  void string(std::string_view text);
  void number(uint64_t number) { text_ += std::to_string(number); }
  void json(std::string_view value) { text_ += value; }  // a value as it is
  void null() { text_ += "null"; }
  void bytes(Bytes update);

  // Status::too_large: there is no memory for it.
  Status write(Sink out) const;
  // The same as text. REQUIRES: no bytes().
  std::string text() && { return std::move(text_); }

 private:
  std::string text_;
  size_t bytes_at_ = 0;  // in text_, 0: none
  Bytes bytes_;
};

class MsgpackMessage {
 public:
  void map(size_t members);
  void end() {}
  void key(std::string_view name) { string(name); }
  void string(std::string_view text);
  void number(uint64_t number);
  void json(std::string_view value);
  void null();
  void bytes(Bytes update);

  Status write(Sink out) const;
  std::string text() && { return std::move(text_); }

 private:
  std::string text_;
  size_t bytes_at_ = 0;
  Bytes bytes_;
};

}  // namespace freshet::pluv
