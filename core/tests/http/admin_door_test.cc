// Who may ask the admin listener: pages of its own, and those who have the key.
#include "core/http/admin/admin_door.h"

#include <gtest/gtest.h>

#include <memory>

#include "freshet/sink.h"
#include "freshet/testing.h"
#include "sim/platform/peer.h"

namespace freshet {
namespace {

constexpr const char* kKey = "0123456789abcdef";

class Door {
 public:
  explicit Door(AdminRules rules)
      : rules_(std::move(rules)), key_(rules_.key, metrics_, log_), door_(rules_, key_) {}

  uint16_t page(sim::Headers headers) {
    const auto refused = door_.refusal_of_page(request(headers));
    return refused ? refused->status : 200;
  }
  uint16_t key(const std::string& authorization, std::string peer = "127.0.0.1",
               uint64_t now_ms = 1'000) {
    sim::Headers headers;
    if (!authorization.empty()) headers.emplace_back("Authorization", authorization);
    const auto refused = door_.refusal_of_key(request(headers, peer), now_ms);
    return refused ? refused->status : 200;
  }
  int64_t wrong_keys() const { return metrics_.sum("freshet_admin_keys_refused_total"); }

 private:
  class Quiet final : public Log {
    void write(freshet_level, std::string_view, std::string_view) override {}
  };

  freshet_request request(const sim::Headers& headers, const std::string& peer = "127.0.0.1") {
    headers_.clear();
    text_ = headers;
    peer_ = peer;
    for (const auto& [name, value] : text_) {
      headers_.push_back({to_c(std::string_view(name)), to_c(std::string_view(value))});
    }
    freshet_request out{};
    out.size = sizeof(out);
    out.role = FRESHET_ADMIN;
    out.peer = to_c(std::string_view(peer_));
    out.headers = headers_.data();
    out.header_count = headers_.size();
    return out;
  }

  const AdminRules rules_;
  Quiet log_;
  Metrics metrics_;
  AdminKey key_;
  AdminDoor door_;
  sim::Headers text_;
  std::string peer_;
  std::vector<freshet_header> headers_;
};

TEST(AdminDoor, IsKnownByItsAddressAndNotByANameSomebodyMade) {
  Door door({.key = kKey, .hosts = {"ops.example"}, .on_socket = false});
  for (const char* host : {"127.0.0.1:4748", "localhost:4748", "LOCALHOST", "[::1]:4748",
                           "10.0.0.7:4748", "ops.example:4748"}) {
    EXPECT_EQ(door.page({{"Host", host}}), 200) << host;
  }
  for (const char* host : {"evil.example:4748", "localhost.evil.example", "127.0.0.1.evil.example",
                           "admin", "ops.example.evil"}) {
    EXPECT_EQ(door.page({{"Host", host}}), 421) << host;
  }
  EXPECT_EQ(door.page({}), 200) << "no page";
}

TEST(AdminDoor, OfASocketHasANameThatNoPageHas) {
  Door door({.on_socket = true});
  EXPECT_EQ(door.page({{"Host", "admin"}}), 200);
  EXPECT_EQ(door.page({{"Host", "printer:8080"}}), 421) << "a neighbour answers for such names";
  EXPECT_EQ(door.page({{"Host", "evil.example"}}), 421) << "by a forwarded port";
}

TEST(AdminDoor, IsForPagesOfItsOwn) {
  Door door({.key = kKey, .on_socket = false});
  const auto page = [&](const char* origin) {
    return door.page({{"Host", "localhost:4748"}, {"Origin", origin}});
  };
  EXPECT_EQ(page("http://localhost:4748"), 200);
  for (const char* origin : {"http://localhost:4747", "http://localhost", "https://evil.example",
                             "null", "", "localhost:4748"}) {
    EXPECT_EQ(page(origin), 403) << origin;
  }
}

TEST(AdminDoor, WantsTheKey) {
  Door door({.key = kKey, .on_socket = false});
  EXPECT_EQ(door.key(""), 401);
  EXPECT_EQ(door.wrong_keys(), 0) << "that was no try";
  EXPECT_EQ(door.key("Bearer 0123456789abcdef"), 200);
  EXPECT_EQ(door.key("bearer 0123456789abcdef"), 200);
  for (const char* said :
       {"Bearer 0123456789abcdeg", "Bearer 0123456789abcde", "Bearer 0123456789abcdef0"}) {
    EXPECT_EQ(door.key(said), 401) << said;
  }
  EXPECT_EQ(door.wrong_keys(), 3);
  EXPECT_EQ(door.key("Basic 0123456789abcdef"), 401);
}

TEST(AdminDoor, DoesNotListenToAnAddressThatTriesMany) {
  Door door({.key = kKey, .on_socket = false});
  const std::string right = std::string("Bearer ") + kKey;
  uint16_t said = 401;
  for (int i = 0; i < 100 && said == 401; ++i) said = door.key("Bearer wrong", "10.0.0.1");
  EXPECT_EQ(said, 429);
  EXPECT_EQ(door.key(right, "10.0.0.1"), 429) << "or it could go on";
  EXPECT_EQ(door.key(right, "10.0.0.2"), 200);
  EXPECT_EQ(door.key(right, "10.0.0.1", 60'000), 200) << "a minute later";
}

TEST(AdminDoor, AsksForNoKeyWhereThereIsNone) {
  Door door({.on_socket = true});
  EXPECT_EQ(door.key(""), 200);
}

}  // namespace
}  // namespace freshet
