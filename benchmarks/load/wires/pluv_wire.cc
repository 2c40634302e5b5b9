#include "pluv_wire.h"

#include <charconv>

#include "awareness.h"
#include "base64.h"
#include "freshet/format/codec.h"
#include "json_member.h"

namespace freshet::load {

namespace {

void add_text(std::string_view text, FrameWriter& out) { out.add(Opcode::text, as_bytes(text)); }

// What a client with a schema writes into a document it has just made: a text of 36 letters by an
// author of its own, so that no room it was in is empty.
void write_own_root(const Person& who, std::vector<uint8_t>& out) {
  Writer to(out);
  for (const uint64_t number :
       {uint64_t{1}, uint64_t{1}, who.client_id ^ 0x40000000, uint64_t{0}}) {
    to.varuint(number);
  }
  to.u8(4);
  to.varuint(1);
  to.string("__$pluv");
  to.string("d17af41a-2ff1-4fd8-8906-d6bcbda2a9aa");
  to.varuint(0);
}

std::string update_text(std::string_view type, std::string_view other, Bytes update) {
  std::string text;
  text.append(R"({"type":")").append(type).append(R"(","data":{)").append(other);
  text.append(R"(,"update":")");
  append_base64(update, text);
  return text.append(R"("}})");
}

Heard read_state(Word word, std::string_view data, std::vector<uint8_t>& scratch) {
  const std::string_view state = json_text(data, "state");
  if (state.empty() || !read_base64(state, scratch)) return {.word = Word::broken};
  return {.word = word, .body = scratch, .text = state};
}

Heard read_saved(std::string_view data) {
  const std::string_view number = json_member(data, "update").value_or("");
  uint64_t through = 0;
  const auto [end, fault] = std::from_chars(number.data(), number.data() + number.size(), through);
  if (fault != std::errc{} || end != number.data() + number.size()) return {.word = Word::broken};
  return {.word = Word::saved_through, .number = through};
}

}  // namespace

std::string PluvWire::target(std::string_view room) const {
  return prefix_ + "/" + std::string(room) + (acks_ == Acks::ask ? "?acks=1" : "");
}

Heard PluvWire::read(Bytes message, std::vector<uint8_t>& scratch) const {
  const std::string_view text = as_text(message);
  const std::string_view type = json_text(text, "type");
  const std::string_view data = json_member(text, "data").value_or("");
  if (type == "$storageUpdated") return read_state(Word::update, data, scratch);
  if (type == "$storageReceived") return read_state(Word::state, data, scratch);
  if (type == "$registered")
    return {.word = Word::registered, .text = json_text(data, "sessionId")};
  if (type == "$userJoined") {
    const std::string_view who = json_text(data, "connectionId");
    return {.word = Word::joined, .body = as_bytes(data), .text = who};
  }
  if (type == "$presenceUpdated") return {.word = Word::presence, .body = as_bytes(data)};
  if (type == "$othersReceived") return {.word = Word::others};
  if (type == "$saved") return read_saved(data);
  if (type == "$error") return {.word = Word::refused, .text = json_text(data, "message")};
  return {.word = type.empty() ? Word::broken : Word::nothing};
}

void PluvWire::read_presence(const Heard& heard, std::vector<Shown>& out) const {
  if (heard.word != Word::presence && heard.word != Word::joined) return;
  read_shown(json_member(as_text(heard.body), "presence").value_or(""), out);
}

unsigned PluvWire::answer(const Heard& heard, Person& who, FrameWriter& out) const {
  if (heard.word == Word::registered) {
    who.session = heard.text;
    if (who.document.empty()) write_own_root(who, who.document);
    add_text(update_text("$initializeSession", R"("presence":{"cursor":null})", who.document), out);
    release_memory(who.document);
  }
  if (heard.word == Word::joined && heard.text == who.session) {
    add_text(R"({"type":"$getOthers","data":{}})", out);
  }
  if (heard.word != Word::state) return 0;
  std::string text = R"({"type":"$updateStorage","data":{"origin":"$initialized","update":")";
  add_text(text.append(heard.text).append(R"("}})"), out);
  return 1;
}

void PluvWire::edit(const Person& /*who*/, Bytes update, FrameWriter& out) const {
  add_text(update_text("$updateStorage", R"("origin":null)", update), out);
}

void PluvWire::show(Person& who, FrameWriter& out) const {
  add_text(R"({"type":"$updatePresence","data":{"presence":{"cursor":)" +
               std::to_string(who.state) + R"(,"place":)" + std::to_string(who.place) + "}}}",
           out);
}

void PluvWire::renew(Person& /*who*/, FrameWriter& out) const {
  add_text(R"({"type":"$ping","data":{}})", out);
}

}  // namespace freshet::load
