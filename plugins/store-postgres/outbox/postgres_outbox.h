// plugins/store-postgres/outbox/postgres_outbox.h: the outbox in the database.
//
// Whoever changes a topic has its row locked, so its ids are given in the order in which they can
// be read, and its sums, which triggers keep, are those of its entries.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "freshet/host.h"
#include "freshet/store.h"
#include "store-postgres/database/link.h"

namespace freshet::postgres {

class PostgresOutbox final : public StoreOutbox {
 public:
  PostgresOutbox(Link& link, Host host) : link_(link), host_(host) {}  // borrows the link

  Status add(std::string_view topic, std::span<const freshet_outgoing> entries, Reply out) override;
  Status list(std::string_view topic, bool dead, uint64_t after, uint32_t limit,
              Reply out) override;
  Status read(std::string_view topic, uint64_t id, Reply out) override;
  Status remove(std::string_view topic, std::span<const uint64_t> ids) override;
  Status bury(std::string_view topic, uint64_t id, std::string_view reason) override;
  Status revive(std::string_view topic, uint64_t id, Reply out) override;
  Status drop(std::string_view topic, uint64_t id, Reply out) override;
  Status topics(Reply out) override;

 private:
  struct Amount {
    int64_t entries = 0;
    int64_t bytes = 0;
  };

  Status judge(const Rows& topic, const Rows& keys, std::span<const freshet_outgoing> entries);
  Status prune(Connection& connection, std::string_view topic);
  // `sql` changes dead entries: of $1, its topic, $2, or with 0 all of them.
  Status change_dead(std::string_view doing, std::string_view sql, std::string_view topic,
                     uint64_t id, Reply out);

  Link& link_;
  const Host host_;
};

}  // namespace freshet::postgres
