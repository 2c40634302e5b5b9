// core/tests/audience/audience_parts.h: who is told what in tests of an audience.
#pragma once

#include <string>
#include <vector>

#include "core/tests/rooms/one_audience.h"

namespace freshet::sim {

inline Limits slow_reader_bounds() {
  Limits limits;
  limits.reader_bytes = 1'000;
  limits.reader_hard_bytes = 10'000;
  return limits;
}

inline std::string kind(uint32_t kind) { return std::to_string(kind) + ":"; }

// Two who hear of what is saved by notes, and one by echoes.
struct AudienceParts : ::testing::Test, OneAudience {
  AudienceParts() : OneAudience(slow_reader_bounds()) {}
  void TearDown() override { shard.settle(); }  // while all who hear are there

  // What goes into the document, and into the window for all but `from`.
  void put(Member* from, const std::vector<uint8_t>& update, uint64_t ticket = 0) {
    freshet_applied applied{};
    ASSERT_TRUE(residence.apply(FRESHET_UPDATE_V1, update, applied));
    residence.keep(update);
    audience.send_update({update, {}, from == nullptr ? 0 : from->spec.id, applied}, from, ticket);
  }
  void write(Member* from, const std::string& text, uint64_t ticket = 0) {
    Author& by = from == &cleo ? cleos : author;
    put(from, by.type({"text"}, by.length({"text"}), text), ticket);
  }
  // The same, and out to them.
  void type(Member* from, const std::string& text, uint64_t ticket = 0) {
    write(from, text, ticket);
    audience.send_all_windows();
  }
  void take(Member* from, const std::vector<uint8_t>& update) {
    put(from, update);
    audience.send_all_windows();
  }
  void say_event(const std::string& name) {
    freshet_delivery event{};
    event.kind = FRESHET_EVENT;
    event.bytes = to_c(as_bytes(name));
    audience.send_event(event);
  }
  void send_event(const std::string& name) {
    say_event(name);
    audience.send_all_windows();
  }
  static size_t updates(const Heard& heard) {
    return static_cast<size_t>(std::ranges::count_if(heard.messages, [](const std::string& each) {
      return each.starts_with(kind(FRESHET_UPDATE));
    }));
  }
  // All that a member was sent, as a document.
  static std::string text_of(const Heard& heard) {
    crdt::Doc doc;
    for (const std::string& each : heard.messages) {
      const std::string prefix = kind(FRESHET_UPDATE);
      if (!each.starts_with(prefix)) continue;
      EXPECT_TRUE(doc.apply(as_bytes(std::string_view(each).substr(prefix.size()))));
    }
    std::string text;
    doc.text("text", text);
    return text;
  }

  Author cleos{8};
  PlainWire echo{1, FRESHET_SAVED_ECHO};
  Heard cleo_hears;
  Member& cleo = members.add(member(3, echo.get(), cleo_hears));
};

}  // namespace freshet::sim
