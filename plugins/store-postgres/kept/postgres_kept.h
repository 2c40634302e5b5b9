// plugins/store-postgres/kept/postgres_kept.h: what apps keep beside rooms, in the database.
//
// Each write is one statement, so that of two nodes that replace the same version one does.
#pragma once

#include <cstdint>
#include <string_view>

#include "freshet/store.h"
#include "store-postgres/database/link.h"

namespace freshet::postgres {

class PostgresKept final : public StoreKept {
 public:
  explicit PostgresKept(Link& link) : link_(link) {}  // borrowed

  Status read(std::string_view room, std::string_view name, Reply out) override;
  Status write(std::string_view room, std::string_view name, uint64_t version, Bytes value,
               Reply out) override;
  Status list(std::string_view room, std::string_view after, uint32_t limit, Reply out) override;

 private:
  struct Key {
    std::string_view room, name;
  };

  static size_t swap(Exchange& exchange, const Key& key, uint64_t version, Bytes value);

  Link& link_;
};

}  // namespace freshet::postgres
