#include "store-postgres/bus/packet.h"

#include <algorithm>
#include <utility>

#include "store-postgres/bus/limits.h"

namespace freshet::postgres {

namespace {

constexpr uint8_t kVersion = 1;
constexpr uint8_t kWhole = 0, kRow = 1;

// Of a packet before its first message, at most.
constexpr size_t kHeadBytes = 1 + sizeof(NodeId) + varuint_size(kMaxSafeInteger);

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr uint8_t kNoDigit = 64;

constexpr std::array<uint8_t, 256> digits() {
  std::array<uint8_t, 256> out{};
  out.fill(kNoDigit);
  uint8_t value = 0;
  for (const char c : kAlphabet) out[static_cast<uint8_t>(c)] = value++;
  return out;
}

constexpr std::array<uint8_t, 256> kDigits = digits();

size_t bytes_size(size_t bytes) { return varuint_size(bytes) + bytes; }

}  // namespace

std::string to_base64(Bytes bytes) {
  std::string out;
  out.reserve((bytes.size() * 4 + 2) / 3);
  uint32_t held = 0;
  unsigned bits = 0;
  for (const uint8_t byte : bytes) {
    held = (held << 8 | byte) & 0xffff;
    for (bits += 8; bits >= 6; bits -= 6) out += kAlphabet[held >> (bits - 6) & 63];
  }
  if (bits > 0) out += kAlphabet[held << (6 - bits) & 63];
  return out;
}

bool from_base64(std::string_view text, std::vector<uint8_t>& out) {
  out.clear();
  if (text.size() % 4 == 1) return false;
  out.reserve(text.size() * 3 / 4);
  uint32_t held = 0;
  unsigned bits = 0;
  for (const char c : text) {
    const uint8_t digit = kDigits[static_cast<uint8_t>(c)];
    if (digit == kNoDigit) return false;
    held = (held << 6 | digit) & 0xfff;
    if ((bits += 6) < 8) continue;
    bits -= 8;
    out.push_back(static_cast<uint8_t>(held >> bits));
  }
  return true;
}

bool Packets::fits(std::string_view topic, Bytes message) {
  return kHeadBytes + bytes_size(topic.size()) + 1 + bytes_size(message.size()) <= kMaxPacketBytes;
}

void Packets::add(std::string_view topic, Bytes message) {
  make_room(bytes_size(topic.size()) + 1 + bytes_size(message.size()));
  Writer out(packet_);
  out.bytes(as_bytes(topic));
  out.u8(kWhole);
  out.bytes(message);
}

void Packets::add_row(std::string_view topic, uint64_t row) {
  make_room(bytes_size(topic.size()) + 1 + varuint_size(row));
  Writer out(packet_);
  out.bytes(as_bytes(topic));
  out.u8(kRow);
  out.varuint(row);
}

void Packets::add_note() {
  end();
  make_room(0);
  end();
}

std::vector<std::string> Packets::take() {
  end();
  return std::exchange(ended_, {});
}

void Packets::make_room(size_t bytes) {
  if (packet_.size() + bytes > kMaxPacketBytes) end();
  if (!packet_.empty()) return;
  Writer out(packet_);
  out.u8(kVersion);
  out.raw(node_);
  out.varuint(++last_number_);
}

void Packets::end() {
  if (packet_.empty()) return;
  ended_.push_back(to_base64(packet_));
  packet_.clear();
}

bool PacketReader::open(std::string_view payload) {
  rest_ = Reader(Bytes());
  if (!from_base64(payload, bytes_)) return false;
  Reader in(bytes_);
  const uint8_t version = in.u8();
  const Bytes node = in.take(node_.size());
  number_ = in.varuint();
  if (!in.ok() || version != kVersion) return false;
  std::ranges::copy(node, node_.begin());
  rest_ = in;
  return true;
}

std::optional<PacketReader::Message> PacketReader::next() {
  if (rest_.at_end()) return std::nullopt;
  Message out;
  out.topic = as_text(rest_.bytes());
  const uint8_t kind = rest_.u8();
  if (kind == kWhole) {
    out.whole = rest_.bytes();
  } else if (kind == kRow) {
    out.row = rest_.varuint();
  }
  const bool is_whole = kind == kWhole && !out.whole.empty();
  const bool is_row = kind == kRow && out.row > 0;
  if (out.topic.empty() || (!is_whole && !is_row)) rest_.fail();
  if (!rest_.ok()) return std::nullopt;
  return out;
}

}  // namespace freshet::postgres
