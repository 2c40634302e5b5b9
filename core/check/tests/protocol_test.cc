// A wire: bytes by chance from people, deliveries of a room to them.
#include <atomic>
#include <chrono>
#include <functional>
#include <thread>

#include "core/check/limits.h"
#include "core/check/plugin/resources.h"
#include "core/check/tests/opened.h"
#include "freshet/abi/close.h"
#include "freshet/abi/crdt.h"

namespace freshet::check {
namespace {

using Messages = std::vector<std::string>;

// "hello" in the text "t" by client 1, in Yjs' v1 format; and the state vector after it.
constexpr uint8_t kUpdate[] = {1, 1, 1, 0, 4, 1, 1, 't', 5, 'h', 'e', 'l', 'l', 'o', 0};
constexpr uint8_t kVector[] = {1, 1, 5};

class ProtocolPlugin : public PluginTest {
 protected:
  const freshet_protocol* wire() { return plugin().service<freshet_protocol>(); }
  freshet_traits traits() {
    freshet_traits out{};
    out.size = sizeof(out);
    wire()->traits(wire()->self, &out);
    return out;
  }

  static freshet_delivery delivery(uint32_t kind, Bytes bytes, uint32_t variant) {
    freshet_delivery out{};
    out.size = sizeof(out);
    out.kind = kind;
    out.variant = variant;
    out.format = FRESHET_UPDATE_V1;
    out.bytes = to_c(bytes);
    out.room = to_c(std::string_view("room"));
    out.state_vector = to_c(Bytes(kVector));
    return out;
  }
  Messages encode(const freshet_delivery& delivery, Status* status = nullptr) {
    return encode(wire(), delivery, status);
  }
  static Messages encode(const freshet_protocol* wire, const freshet_delivery& delivery,
                         Status* status = nullptr) {
    Messages out;
    const ItemSink sink([&](Bytes item) {
      out.emplace_back(as_text(item));
      return Status::ok;
    });
    const Status said{wire->encode(wire->self, &delivery, sink.c())};
    if (status != nullptr) *status = said;
    return out;
  }

  // One of each kind, as this wire says it.
  Messages everything(uint32_t variant) {
    const freshet_presence presence[] = {{7, 1, to_c(std::string_view(R"({"name":"ann"})"))}};
    const freshet_source source[] = {{7, to_c(std::string_view(R"({"id":"ann"})")), 1}};
    const uint64_t changed[] = {1'700'000'000'000};
    Messages out;
    for (uint32_t kind = FRESHET_JOINED; kind <= FRESHET_EVENT; ++kind) {
      const bool vector = kind == FRESHET_JOINED;
      const bool json = kind == FRESHET_EVENT;
      freshet_delivery one = delivery(kind,
                                      vector ? Bytes(kVector)
                                      : json ? as_bytes(R"({"a":1})")
                                             : Bytes(kUpdate),
                                      variant);
      one.ticket = 1;
      one.from = source[0];
      if (kind == FRESHET_REFUSED) {
        one.status = FRESHET_DENIED;
        one.refused = FRESHET_REFUSED_UPDATE;
      }
      if (json) one.event = to_c(std::string_view("said"));
      if (kind == FRESHET_PRESENCE) {
        one.presence = presence;
        one.sources = source;
        one.presence_count = 1;
        one.changed_ms = changed;
      }
      for (std::string& each : encode(one)) out.push_back(std::move(each));
    }
    return out;
  }

  // A connection from open to close.
  struct Connection {
    freshet_link* link = nullptr;
    void* state = nullptr;
    bool open = false;
  };
  Connection connect() {
    Connection out;
    out.link = plugin().rooms().arrive();
    freshet_open opening{};
    opening.size = sizeof(opening);
    opening.link = out.link;
    opening.room = to_c(std::string_view("room"));
    opening.user = to_c(std::string_view(R"({"id":"ann"})"));
    opening.permission = FRESHET_READ_WRITE;
    opening.anybody = 1;
    out.open = wire()->open(wire()->self, &opening, &out.state) == FRESHET_OK;
    if (!out.open) plugin().rooms().close(out.link);
    return out;
  }
  // False: the connection is to be closed.
  bool send(Connection& connection, const std::string& message, bool text) {
    const Status status{
        wire()->message(wire()->self, connection.state, to_c(as_bytes(message)), text ? 1 : 0)};
    return status == Status::ok && answer_questions(connection);
  }
  void close(Connection& connection) {
    plugin().rooms().close(connection.link);  // its sessions have left already
    wire()->close(wire()->self, connection.state);
    connection.open = false;
  }

  // A connection that sends what there is by chance, as long as it is let.
  void storm(std::mt19937_64& chance, const Messages& known) {
    Connection one = connect();
    if (!one.open) return;
    for (int i = 0; i < kFuzzMessages; ++i) {
      if (!send(one, by_chance(chance, known), below(chance, 2) == 0)) break;
      if (below(chance, 10) == 0) end_a_session(one);
    }
    close(one);
  }

 private:
  bool answer_questions(const Connection& connection) {
    for (const auto& question : plugin().rooms().take_questions()) {
      if (question.link != connection.link || !FRESHET_HAS(wire(), authenticated)) continue;
      freshet_identity identity{};
      identity.size = sizeof(identity);
      identity.user = to_c(std::string_view(R"({"id":"ann"})"));
      identity.permission = FRESHET_READ_WRITE;
      identity.expires_unix_ms = UINT64_MAX;
      const Status status{wire()->authenticated(wire()->self, connection.state, question.number,
                                                FRESHET_OK, &identity)};
      if (status != Status::ok) return false;
    }
    return true;
  }
  void end_a_session(const Connection& connection) {
    if (traits().ends_sessions == 0 || !FRESHET_HAS(wire(), ended)) return;
    for (freshet_session* session : plugin().rooms().sessions_of(connection.link)) {
      wire()->ended(wire()->self, connection.state, session, FRESHET_CLOSE_RATE,
                    to_c(std::string_view("too fast")));
      plugin().rooms().end(session);
      return;
    }
  }
  static std::string by_chance(std::mt19937_64& chance, const Messages& known) {
    if (known.empty() || below(chance, 4) == 0) return bytes(chance, below(chance, kFuzzBytes));
    std::string out = known[below(chance, known.size())];
    for (size_t changes = below(chance, 4); changes > 0 && !out.empty(); --changes) {
      const size_t at = below(chance, out.size());
      switch (below(chance, 4)) {
        case 0: out[at] = static_cast<char>(chance()); break;
        case 1: out.resize(at); break;
        case 2: out.insert(at, bytes(chance, below(chance, 8))); break;
        default: out += known[below(chance, known.size())]; break;
      }
    }
    return out;
  }
};

TEST_F(ProtocolPlugin, SaysWhatAWireIs) {
  size_t count = 0;
  const ItemSink sink([&](Bytes item) {
    EXPECT_TRUE(as_text(item).starts_with('/')) << as_text(item) << " does not begin with a /";
    ++count;
    return Status::ok;
  });
  EXPECT_EQ(Status{wire()->routes(wire()->self, sink.c())}, Status::ok);
  EXPECT_GT(count, 0u) << "a wire without a route is reached by nobody";
  const freshet_traits traits = this->traits();
  EXPECT_LE(traits.saved, uint32_t{FRESHET_SAVED_NOTE});
  if (traits.authenticates != 0) {
    EXPECT_TRUE(FRESHET_HAS(wire(), authenticated)) << "authenticates, and has no authenticated";
  }
  if (traits.ends_sessions != 0) {
    EXPECT_TRUE(FRESHET_HAS(wire(), ended)) << "ends_sessions, and has no ended";
  }
  if (traits.refuses_in_words != 0) {
    EXPECT_TRUE(FRESHET_HAS(wire(), refusal)) << "refuses_in_words, and has no refusal";
  }
}

TEST_F(ProtocolPlugin, LosesNoUpdateOfOthers) {
  Connection one = connect();
  const uint32_t variant = plugin().rooms().variant();
  std::string other(as_text(Bytes(kUpdate)));
  other.back() = 1;  // deletes something
  Status status = Status::ok;
  const Messages first = encode(delivery(FRESHET_UPDATE, Bytes(kUpdate), variant), &status);
  EXPECT_EQ(status, Status::ok) << "an update has no message on this wire";
  const Messages second = encode(delivery(FRESHET_UPDATE, as_bytes(other), variant));
  EXPECT_FALSE(first.empty()) << "an update is not sent to those who want it";
  EXPECT_NE(first, second) << "two updates are one message: one of them is lost";
  if (one.open) close(one);
}

TEST_F(ProtocolPlugin, EncodesTheSameInEveryThread) {
  const uint32_t variant = plugin().rooms().variant();
  const Messages once = everything(variant);
  EXPECT_EQ(everything(variant), once) << "encode is a pure function of its argument";
  const auto* table = wire();
  const freshet_delivery update = delivery(FRESHET_UPDATE, Bytes(kUpdate), variant);
  const Messages expected = encode(update);
  std::vector<std::thread> workers;
  std::atomic<int> different = 0;
  for (int i = 0; i < 4; ++i) {
    workers.emplace_back([&] {
      for (int times = 0; times < 200; ++times) different += encode(table, update) != expected;
    });
  }
  for (std::thread& worker : workers) worker.join();
  EXPECT_EQ(different, 0);
}

TEST_F(ProtocolPlugin, PassesOverADeliveryOfTomorrow) {
  Status status = Status::ok;
  const Messages said = encode(delivery(99, Bytes(kUpdate), 0), &status);
  EXPECT_NE(status, Status::ok) << "a delivery that it does not know; NOT_FOUND says so";
  EXPECT_TRUE(said.empty() || status != Status::ok);
}

TEST_F(ProtocolPlugin, ClosesWithCodesThatThereAre) {
  if (!FRESHET_HAS(wire(), close_code)) return;
  for (const int code :
       {1000, 1012, 4400, 4401, 4403, 4404, 4409, 4413, 4419, 4500, 4503, 4504, 4508, 4529}) {
    const uint16_t said = wire()->close_code(wire()->self, static_cast<uint16_t>(code));
    EXPECT_TRUE(said >= 1000 && said < 5000 && said != 1005 && said != 1006 && said != 1015)
        << code << " becomes " << said << ", which no server may send";
  }
}

TEST_F(ProtocolPlugin, SurvivesBytesByChance) {
  auto chance = PluginTest::chance();
  Connection first = connect();
  const Messages known = everything(plugin().rooms().variant());
  if (first.open) close(first);
  for (int i = 0; i < kFuzzConnections; ++i) storm(chance, known);
}

TEST_F(ProtocolPlugin, KeepsNothingOfConnectionsThatAreClosed) {
  const Messages known = everything(0);
  const auto again = [&] {
    auto chance = PluginTest::chance();
    for (int i = 0; i < kFuzzConnections; ++i) storm(chance, known);
  };
  again();
  again();
  const Resources before = Resources::now();
  again();
  again();
  const Resources after = Resources::settled(before);
  EXPECT_LE(after.bytes, before.bytes + size_t{2 * kFuzzConnections} * kLeakBytes)
      << "memory of " << 2 * kFuzzConnections << " connections stays";
  EXPECT_LE(after.files, before.files);
}

TEST_F(ProtocolPlugin, BlocksNoShard) {
  auto chance = PluginTest::chance();
  Connection first = connect();
  const Messages known = everything(plugin().rooms().variant());
  if (first.open) close(first);
  Messages large{bytes(chance, kLargeMessage), std::string(kLargeMessage, '[')};
  for (const std::string& message : known) large.push_back(message + large.front());
  int slow = 0;
  for (const std::string& message : large) {
    Connection one = connect();
    if (!one.open) return;
    const auto began = std::chrono::steady_clock::now();
    static_cast<void>(send(one, message, false));
    slow += std::chrono::steady_clock::now() - began > kShardTime;
    close(one);
  }
  EXPECT_LE(slow, 1) << "so many of " << large.size() << " messages of " << kLargeMessage
                     << " bytes took more than " << kShardTime.count()
                     << " ms each: nobody else of their shard is served meanwhile";
}

// Not what a peer sends decides what a connection takes.
TEST_F(ProtocolPlugin, TakesNoMemoryForALengthThatIsOnlySaid) {
  Connection first = connect();
  const Messages known = everything(plugin().rooms().variant());
  if (first.open) close(first);
  for (const std::string& message : known) {
    for (size_t at = 0; at < std::min<size_t>(message.size(), 24); ++at) {
      Connection one = connect();
      if (!one.open) return;
      const Resources before = Resources::now();
      std::string huge = message.substr(0, at) + "\xff\xff\xff\xff\x7f" + message.substr(at);
      static_cast<void>(send(one, huge, false));
      const Resources after = Resources::now();
      EXPECT_LE(after.bytes, before.bytes + kMaxConnectionBytes)
          << "a message of " << huge.size() << " bytes, with a length in it that is " << at
          << " bytes from its beginning";
      close(one);
    }
  }
}

}  // namespace
}  // namespace freshet::check
