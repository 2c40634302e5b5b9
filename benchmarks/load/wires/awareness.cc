#include "awareness.h"

#include <charconv>
#include <optional>

#include "freshet/format/codec.h"
#include "json_member.h"

namespace freshet::load {

namespace {

template <class Number>
std::optional<Number> number_of(std::string_view json) {
  Number number = 0;
  const auto [end, fault] = std::from_chars(json.data(), json.data() + json.size(), number);
  if (fault != std::errc{} || end != json.data() + json.size()) return std::nullopt;
  return number;
}

}  // namespace

void write_awareness(Person& who, std::vector<uint8_t>& out) {
  const std::string at = std::to_string(who.state);
  Writer to(out);
  to.varuint(1);
  to.varuint(who.client_id);
  to.varuint(++who.clock);
  to.string(R"({"user":{"name":")" + who.name + R"("},"cursor":{"anchor":)" + at + R"(,"head":)" +
            at + R"(},"place":)" + std::to_string(who.place) + "}");
}

void read_awareness(Bytes update, std::vector<Shown>& out) {
  Reader in(update);
  for (uint64_t entries = in.varuint(); entries > 0 && in.ok(); --entries) {
    in.varuint();
    in.varuint();
    const std::string_view state = in.string();
    if (in.ok()) read_shown(state, out);
  }
}

void read_shown(std::string_view json, std::vector<Shown>& out) {
  const auto place = number_of<uint32_t>(json_member(json, "place").value_or(""));
  const std::string_view cursor = json_member(json, "cursor").value_or("");
  const auto state = number_of<uint64_t>(json_member(cursor, "anchor").value_or(cursor));
  if (place && state) out.push_back({*place, *state});
}

}  // namespace freshet::load
