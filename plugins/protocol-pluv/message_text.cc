#include "message_text.h"

#include <msgpack.hpp>

#include "base64.h"
#include "freshet/format/codec.h"
#include "freshet/format/json.h"
#include "msgpack_value.h"

namespace freshet::pluv {
namespace {

struct Text {
  std::string& out;
  void write(const char* data, size_t size) { out.append(data, size); }
};

// Calls `pack` with a packer that appends to `out`.
template <class F>
void packed(std::string& out, F&& pack) {
  Text text{out};
  msgpack::packer<Text> packer(text);
  pack(packer);
}

}  // namespace

void JsonMessage::map(size_t) { text_ += '{'; }

void JsonMessage::key(std::string_view name) {
  if (text_.back() != '{') text_ += ',';
  append_json_string(text_, name);
  text_ += ':';
}

void JsonMessage::string(std::string_view text) { append_json_string(text_, text); }

void JsonMessage::bytes(Bytes update) {
  text_ += '"';
  bytes_at_ = text_.size();
  bytes_ = update;
  text_ += '"';
}

Status JsonMessage::write(Sink out) const {
  if (bytes_at_ == 0) return out.write(text_);
  uint8_t* const place = out.reserve(text_.size() + base64_room(bytes_.size()));
  if (place == nullptr) return Status::too_large;
  const Bytes text = as_bytes(text_);
  uint8_t* at = put_raw(place, text.first(bytes_at_));
  at = put_base64(at, bytes_);
  at = put_raw(at, text.subspan(bytes_at_));
  return out.commit(static_cast<size_t>(at - place));
}

void MsgpackMessage::map(size_t members) {
  packed(text_, [&](auto& to) { to.pack_map(static_cast<uint32_t>(members)); });
}

void MsgpackMessage::string(std::string_view text) {
  packed(text_, [&](auto& to) {
    to.pack_str(static_cast<uint32_t>(text.size()));
    to.pack_str_body(text.data(), static_cast<uint32_t>(text.size()));
  });
}

void MsgpackMessage::number(uint64_t number) {
  packed(text_, [&](auto& to) { to.pack_uint64(number); });
}

void MsgpackMessage::json(std::string_view value) { append_msgpack(text_, value); }

void MsgpackMessage::null() {
  packed(text_, [&](auto& to) { to.pack_nil(); });
}

void MsgpackMessage::bytes(Bytes update) {
  packed(text_, [&](auto& to) { to.pack_bin(static_cast<uint32_t>(update.size())); });
  bytes_at_ = text_.size();
  bytes_ = update;
}

Status MsgpackMessage::write(Sink out) const {
  const Bytes text = as_bytes(text_);
  uint8_t* const place = out.reserve(text.size() + bytes_.size());
  if (place == nullptr) return Status::too_large;
  uint8_t* at = put_raw(place, text.first(bytes_at_));
  at = put_raw(at, bytes_);
  at = put_raw(at, text.subspan(bytes_at_));
  return out.commit(static_cast<size_t>(at - place));
}

}  // namespace freshet::pluv
