#include "awareness.h"

#include "freshet/format/codec.h"

namespace freshet::load {

void write_awareness(Person& who, std::vector<uint8_t>& out) {
  const std::string at = std::to_string(++who.shown);
  Writer to(out);
  to.varuint(1);
  to.varuint(who.client_id);
  to.varuint(who.shown);
  to.string(R"({"user":{"name":")" + who.name + R"("},"cursor":{"anchor":)" + at + R"(,"head":)" +
            at + "}}");
}

}  // namespace freshet::load
