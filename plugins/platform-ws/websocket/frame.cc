#include "platform-ws/websocket/frame.h"

#include <algorithm>
#include <cstring>

#include "freshet/abi/close.h"
#include "freshet/format/utf8.h"

namespace freshet::ws {

namespace {

constexpr uint8_t kFin = 0x80, kReserved = 0x70, kOpcodeBits = 0x0f;
constexpr uint8_t kMask = 0x80, kLengthBits = 0x7f;
constexpr uint8_t kLength16 = 126, kLength64 = 127;

bool is_control(Opcode opcode) { return (static_cast<uint8_t>(opcode) & 0x08) != 0; }

bool is_known(uint8_t opcode) { return opcode <= 2 || (opcode >= 8 && opcode <= 10); }

uint64_t big_endian(const uint8_t* at, size_t size) {
  uint64_t value = 0;
  for (size_t i = 0; i < size; ++i) value = value << 8 | at[i];
  return value;
}

}  // namespace

void unmask(std::span<uint8_t> data, std::array<uint8_t, 4> key, size_t phase) {
  std::array<uint8_t, 8> turned;
  for (size_t i = 0; i < turned.size(); ++i) turned[i] = key[(phase + i) % 4];
  uint64_t word_key = 0;
  std::memcpy(&word_key, turned.data(), 8);
  uint8_t* at = data.data();
  uint8_t* const end = at + data.size();
  // Four words at a time, so that compilers make vector instructions of it.
  for (; end - at >= 32; at += 32) {
    std::array<uint64_t, 4> words;
    std::memcpy(words.data(), at, 32);
    for (uint64_t& word : words) word ^= word_key;
    std::memcpy(at, words.data(), 32);
  }
  for (; end - at >= 8; at += 8) {
    uint64_t word = 0;
    std::memcpy(&word, at, 8);
    word ^= word_key;
    std::memcpy(at, &word, 8);
  }
  for (size_t i = 0; at < end; ++at, ++i) *at = static_cast<uint8_t>(*at ^ turned[i]);
}

size_t write_frame_header(std::span<uint8_t, kMaxFrameHeader> out, Opcode opcode, size_t payload) {
  out[0] = static_cast<uint8_t>(kFin | static_cast<uint8_t>(opcode));
  if (payload < kLength16) {
    out[1] = static_cast<uint8_t>(payload);
    return 2;
  }
  const size_t bytes = payload <= 0xffff ? 2 : 8;
  out[1] = bytes == 2 ? kLength16 : kLength64;
  for (size_t i = 0; i < bytes; ++i) {
    out[2 + i] = static_cast<uint8_t>(uint64_t{payload} >> (8 * (bytes - 1 - i)));
  }
  return 2 + bytes;
}

bool valid_close_code(uint16_t code) {
  if (code >= 3000 && code <= 4999) return true;
  // 1004 is reserved; 1005, 1006 and 1015 are for reports that never go over the wire.
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
}

Incoming FrameReader::next(std::span<uint8_t>& in) {
  if (failed_code_ != 0) return fail(failed_code_, failed_reason_);
  if (delivered_) {
    assembly_.clear();
    delivered_ = false;
  }
  for (;;) {
    if (!in_frame_) {
      const Parsed parsed = read_header(in, header_);
      if (parsed == Parsed::partial) return {};
      if (parsed == Parsed::bad) return fail(failed_code_, failed_reason_);
      in_frame_ = true;
      taken_ = 0;
    }
    if (is_control(header_.opcode)) return control(in);
    if (header_.fin && !in_message_ && taken_ == 0 && in.size() >= header_.payload) {
      const std::span<uint8_t> payload = in.first(header_.payload);
      in = in.subspan(payload.size());
      in_frame_ = false;
      return whole_message(payload);
    }
    const Incoming message = assemble(in);
    if (ignoring_ && !in_frame_) continue;
    if (message.kind != Incoming::Kind::nothing || in_frame_) return message;
  }
}

// What the first two bytes alone can break; nullptr when they are fine.
const char* FrameReader::check_start(uint8_t first, uint8_t second) const {
  if ((first & kReserved) != 0) return "reserved bits set without an extension";
  if (!is_known(first & kOpcodeBits)) return "unknown opcode";
  const auto opcode = static_cast<Opcode>(first & kOpcodeBits);
  if (is_control(opcode)) {
    if ((first & kFin) == 0) return "fragmented control frame";
    if ((second & kLengthBits) > kMaxControlPayload) return "control frame over 125 bytes";
  } else if (opcode == Opcode::continuation && !in_message_) {
    return "continuation without a message";
  } else if (opcode != Opcode::continuation && in_message_) {
    return "new message inside a fragmented one";
  }
  if ((second & kMask) == 0) return "frame without a mask";
  return nullptr;
}

FrameReader::Parsed FrameReader::read_header(std::span<uint8_t>& in, Header& out) {
  if (in.size() < 2) return Parsed::partial;
  const auto bad = [this](uint16_t code, std::string reason) {
    fail(code, std::move(reason));
    return Parsed::bad;
  };
  if (const char* broken = check_start(in[0], in[1])) return bad(kCloseProtocolError, broken);
  const uint8_t length = in[1] & kLengthBits;
  const size_t extended = length == kLength16 ? 2 : length == kLength64 ? 8 : 0;
  const size_t size = 2 + extended + out.key.size();
  if (in.size() < 2 + extended) return Parsed::partial;
  const uint64_t payload = extended == 0 ? length : big_endian(in.data() + 2, extended);
  if ((extended == 2 && payload < kLength16) || (extended == 8 && payload <= 0xffff)) {
    return bad(kCloseProtocolError, "length not in its shortest form");
  }
  if (payload >> 63 != 0) return bad(kCloseProtocolError, "length with its highest bit set");
  const auto opcode = static_cast<Opcode>(in[0] & kOpcodeBits);
  if (!is_control(opcode) && !ignoring_ && payload > max_message_bytes_ - assembly_.size()) {
    return bad(FRESHET_CLOSE_TOO_LARGE,
               "a message of " + std::to_string(assembly_.size() + payload) +
                   " bytes, over the limit of " + std::to_string(max_message_bytes_));
  }
  if (in.size() < size) return Parsed::partial;
  out.opcode = opcode;
  out.fin = (in[0] & kFin) != 0;
  out.payload = payload;
  std::copy_n(in.data() + 2 + extended, out.key.size(), out.key.data());
  in = in.subspan(size);
  return Parsed::whole;
}

Incoming FrameReader::whole_message(std::span<uint8_t> payload) {
  unmask(payload, header_.key, 0);
  const bool text = header_.opcode == Opcode::text;
  if (text && !valid_utf8(payload)) return fail(kCloseBadText, "text is not UTF-8");
  return {.kind = Incoming::Kind::message, .text = text, .code = 0, .payload = payload};
}

Incoming FrameReader::control(std::span<uint8_t>& in) {
  if (in.size() < header_.payload) {
    // The header is gone from `in`; the payload stays there until it is whole.
    return {};
  }
  const std::span<uint8_t> payload = in.first(header_.payload);
  in = in.subspan(payload.size());
  in_frame_ = false;
  unmask(payload, header_.key, 0);
  switch (header_.opcode) {
    case Opcode::ping: return {.kind = Incoming::Kind::ping, .payload = payload};
    case Opcode::pong: return {.kind = Incoming::Kind::pong, .payload = payload};
    default: return close_frame(payload);
  }
}

// Moves what there is of a data frame into the assembly; a message when that completes one.
Incoming FrameReader::assemble(std::span<uint8_t>& in) {
  if (!in_message_ && taken_ == 0) {
    text_ = header_.opcode == Opcode::text;
    utf8_.reset();
  }
  const size_t size = std::min<uint64_t>(in.size(), header_.payload - taken_);
  const std::span<uint8_t> piece = in.first(size);
  in = in.subspan(size);
  unmask(piece, header_.key, taken_ % 4);
  taken_ += size;
  const bool ends = taken_ == header_.payload;
  if (ends) in_frame_ = false;
  if (ends) in_message_ = !header_.fin;
  if (ignoring_) return {};
  if (text_ && !utf8_.feed(piece)) return fail(kCloseBadText, "text is not UTF-8");
  const size_t rest = header_.payload - taken_;
  if (!assembly_.append(piece, header_.fin ? assembly_.size() + size + rest : SIZE_MAX)) {
    return fail(FRESHET_CLOSE_OVERLOADED, "too much is being received at once");
  }
  if (!ends || in_message_) return {};
  if (text_ && !utf8_.complete()) return fail(kCloseBadText, "text is cut off inside a character");
  assembly_.seal();
  delivered_ = true;
  return {.kind = Incoming::Kind::message, .text = text_, .code = 0, .payload = assembly_.view()};
}

Incoming FrameReader::close_frame(Bytes payload) {
  if (payload.empty()) return {.kind = Incoming::Kind::close, .code = kCloseNoCode, .payload = {}};
  if (payload.size() == 1) return fail(kCloseProtocolError, "close frame with half a code");
  const auto code = static_cast<uint16_t>(big_endian(payload.data(), 2));
  if (!valid_close_code(code)) return fail(kCloseProtocolError, "close code not for the wire");
  if (!valid_utf8(payload.subspan(2))) return fail(kCloseBadText, "close reason is not UTF-8");
  return {.kind = Incoming::Kind::close, .code = code, .payload = payload.subspan(2)};
}

Incoming FrameReader::fail(uint16_t code, std::string reason) {
  failed_code_ = code;
  failed_reason_ = std::move(reason);
  return {.kind = Incoming::Kind::failure,
          .code = code,
          .payload = {},
          .reason = failed_reason_.c_str()};
}

}  // namespace freshet::ws
