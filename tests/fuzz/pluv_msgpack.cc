// What a pluv client sends in msgpack: whatever it is, what is passed on of it is JSON of ours, and
// comes out in msgpack as what it was.
#include <nlohmann/json.hpp>
#include <string>

#include "freshet/abi/protocol.h"
#include "freshet/format/json.h"
#include "freshet/format/utf8.h"
#include "protocol-pluv/client_message.h"
#include "protocol-pluv/limits.h"
#include "protocol-pluv/server_message.h"
#include "require.h"

namespace {

namespace pluv = freshet::pluv;
using freshet::fuzz::require;
using Json = nlohmann::json;

// As the room's peers get it in msgpack.
Json relayed(const pluv::ClientMessage& message) {
  freshet_delivery delivery{};
  delivery.size = sizeof(delivery);
  delivery.kind = FRESHET_EVENT;
  delivery.variant = static_cast<uint32_t>(pluv::Format::msgpack);
  delivery.event = freshet::to_c(std::string_view(message.name));
  delivery.bytes = freshet::to_c(freshet::as_bytes(message.data));
  std::vector<uint8_t> out;
  require(pluv::write_delivery(delivery, freshet::VectorSink(out).sink()) == freshet::Status::ok);
  return Json::from_msgpack(out);
}

void check_event(const pluv::ClientMessage& message) {
  require(!message.name.empty() && message.name.size() <= pluv::kMaxEventNameBytes);
  require(!message.name.starts_with('$'));
  require(freshet::is_json(message.data, pluv::kMaxDepth));
  const Json out = relayed(message);
  require(out.size() == 5 && out.at("type") == message.name);
  require(out.at("data") == Json::parse(message.data));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  pluv::MsgpackText text;
  pluv::ClientMessage message;
  const pluv::Flaw flaw = pluv::read_message(freshet::Bytes{data, size}, text, message);
  require(text.json.size() <= 6 * size);
  if (!flaw.text.empty()) return 0;
  require(freshet::valid_utf8(freshet::as_bytes(text.json)));
  require(freshet::is_json(text.json, pluv::kMaxDepth + 1));
  require(message.update.size() <= size);
  if (message.kind == pluv::ClientKind::event) check_event(message);
  if (!message.presence.empty()) require(message.presence.front() == '{');
  return 0;
}
