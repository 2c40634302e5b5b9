// plugins/store-postgres/database/rows.h: what a statement answered.
#pragma once

#include <libpq-fe.h>

#include <cstdlib>
#include <memory>

#include "freshet/bytes.h"

namespace freshet::postgres {

// Rows in binary form. Views live as long as this.
class Rows {
 public:
  Rows() = default;
  explicit Rows(PGresult* result) : result_(result) {}

  int count() const { return PQntuples(result_.get()); }
  bool null(int row, int column) const { return PQgetisnull(result_.get(), row, column) != 0; }
  Bytes bytes(int row, int column) const {
    return {reinterpret_cast<const uint8_t*>(PQgetvalue(result_.get(), row, column)),
            static_cast<size_t>(PQgetlength(result_.get(), row, column))};
  }
  std::string_view text(int row, int column) const { return as_text(bytes(row, column)); }
  // Of a bigint, an integer or a boolean. 0 for NULL.
  int64_t number(int row, int column) const {
    const Bytes all = bytes(row, column);
    uint64_t out = 0;
    for (const uint8_t byte : all) out = out << 8 | byte;
    return all.size() == 4 ? static_cast<int32_t>(out) : static_cast<int64_t>(out);
  }
  uint64_t unsigned_number(int row, int column) const {
    return static_cast<uint64_t>(number(row, column));
  }
  // How many rows an INSERT, UPDATE or DELETE changed.
  int64_t changed() const { return std::strtoll(PQcmdTuples(result_.get()), nullptr, 10); }

 private:
  struct Clear {
    void operator()(PGresult* result) const { PQclear(result); }
  };
  std::unique_ptr<PGresult, Clear> result_;
};

}  // namespace freshet::postgres
