// core/windows/squash.h: updates as one, where the engine can.
#pragma once

#include <span>
#include <vector>

#include "core/report/in_plugin.h"
#include "freshet/abi/crdt.h"
#include "freshet/result.h"
#include "freshet/sink.h"

namespace freshet {

// Otherwise than Status::ok: these go one by one.
inline Status squash(const freshet_crdt& crdt, std::span<const freshet_bytes> updates,
                     std::vector<uint8_t>& out) {
  if (!FRESHET_HAS(&crdt, squash)) return Status::unsupported;
  const InPlugin inside("the engine's squash");
  return Status{crdt.squash(crdt.self, FRESHET_UPDATE_V1, updates.data(), updates.size(),
                            VectorSink(out).c())};
}

}  // namespace freshet
