// Which kind of shared type something is, as the wire has it.
#pragma once

#include <cstdint>

namespace freshet::crdt {

enum TypeRef : uint8_t {
  kArrayType = 0,
  kMapType = 1,
  kTextType = 2,
  kXmlElementType = 3,
  kXmlFragmentType = 4,
  kXmlHookType = 5,
  kXmlTextType = 6,
};

}  // namespace freshet::crdt
