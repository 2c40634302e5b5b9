// What a pluv client sends: whatever it is, what is passed on of it is one message of ours, with
// one name, that no reader can take for another.
#include "protocol-pluv/client_message.h"

#include <nlohmann/json.hpp>
#include <string>

#include "freshet/abi/protocol.h"
#include "freshet/format/json.h"
#include "freshet/format/utf8.h"
#include "protocol-pluv/base64.h"
#include "protocol-pluv/limits.h"
#include "protocol-pluv/presence.h"
#include "protocol-pluv/server_message.h"
#include "require.h"

namespace {

namespace pluv = freshet::pluv;
using freshet::fuzz::require;

// As the room's peers get it.
std::string relayed(const pluv::ClientMessage& message) {
  freshet_delivery delivery{};
  delivery.size = sizeof(delivery);
  delivery.kind = FRESHET_EVENT;
  delivery.event = freshet::to_c(std::string_view(message.name));
  delivery.bytes = freshet::to_c(freshet::as_bytes(message.data));
  std::vector<uint8_t> out;
  require(pluv::write_delivery(delivery, freshet::VectorSink(out).sink()) == freshet::Status::ok);
  return std::string(freshet::as_text(out));
}

void check_event(const pluv::ClientMessage& message) {
  require(!message.name.empty() && message.name.size() <= pluv::kMaxEventNameBytes);
  require(!message.name.starts_with('$'));
  require(freshet::is_json(message.data, pluv::kMaxDepth));
  const std::string out = relayed(message);
  require(freshet::is_json(out, pluv::kMaxDepth + 1));
  // A reader of another hand, where it is not stricter than the grammar.
  const auto read = nlohmann::json::parse(out, nullptr, false);
  if (read.is_discarded()) return;
  require(read.size() == 5 && read.at("type") == message.name);
}

void check_presence(std::string_view presence) {
  const std::string merged = pluv::laid_over(R"({"a":1,"b":2})", presence);
  require(freshet::is_json(merged, pluv::kMaxDepth));
  require(pluv::laid_over(merged, presence) == merged);
}

void check_update(const std::vector<uint8_t>& update) {
  std::string text(pluv::base64_room(update.size()), '\0');
  auto* begin = reinterpret_cast<uint8_t*>(text.data());
  text.resize(static_cast<size_t>(pluv::put_base64(begin, update) - begin));
  std::vector<uint8_t> again;
  require(pluv::decode_base64(text, again) && again == update);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const freshet::Bytes bytes{data, size};
  if (!freshet::valid_utf8(bytes)) return 0;
  pluv::ClientMessage message;
  const pluv::Flaw flaw = pluv::read_message(freshet::as_text(bytes), message);
  if (!flaw.text.empty()) return 0;
  if (message.kind == pluv::ClientKind::event) check_event(message);
  if (!message.presence.empty()) check_presence(message.presence);
  check_update(message.update);
  return 0;
}
