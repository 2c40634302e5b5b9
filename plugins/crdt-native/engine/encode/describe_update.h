// An update in words, from its bytes alone: what people look at who look at a server.
#pragma once

#include <cstddef>
#include <string>

#include "format/update_v1.h"

namespace freshet::crdt {

// Appends a JSON object, as abi/crdt.h has it of describe.
void append_description(const Update& update, const ClientTable& clients, size_t limit,
                        std::string& out);

}  // namespace freshet::crdt
