// What a node hears on the bus: what is read stays inside it, and said again it is the same.
#include "core/cluster/bus_message.h"
#include "require.h"

namespace {

using freshet::Bytes;
using freshet::fuzz::require;

std::vector<uint8_t> said(const freshet::bus::Message& message) {
  std::vector<uint8_t> parts;
  for (const auto& part : message.parts) freshet::bus::write(parts, part);
  return freshet::bus::message_of(message.from, parts);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto message = freshet::bus::read({data, size});
  if (!message) return 0;
  require(freshet::bus::writer_of({data, size}).has_value());
  for (const auto& part : message->parts) {
    const auto* edit = std::get_if<freshet::bus::Edit>(&part);
    if (edit == nullptr || edit->update.empty()) continue;
    require(edit->update.data() >= data &&
            edit->update.data() + edit->update.size() <= data + size);
  }
  const std::vector<uint8_t> once = said(*message);
  const auto again = freshet::bus::read(once);
  require(again && said(*again) == once);
  return 0;
}
