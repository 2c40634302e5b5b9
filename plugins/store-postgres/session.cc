#include "store-postgres/session.h"

namespace freshet::postgres {

// While all is well the server is asked whether it can be written to. What has failed is tried in
// earnest: a full disk shows only then.
Status Session::check(Reply out) {
  const bool troubled = !link_.troubles().brief().empty();
  const auto access = troubled ? Link::Access::writes : Link::Access::reads;
  static_cast<void>(link_.run(access, "write", "", [&](Connection& connection) {
    Exchange x(connection);
    x.begin();
    const size_t state =
        x.add("SELECT pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on'");
    if (troubled) x.add("UPDATE @meta SET tried_at = now()");
    x.commit();
    FRESHET_CHECK(x.run());
    return x[state].number(0, 0) == 0 ? Status::ok : connection.fail(failure_of("25006", ""));
  }));
  const std::string trouble = link_.troubles().brief();
  return trouble.empty() ? Status::ok : out.write(FRESHET_STORE_TROUBLE, as_bytes(trouble));
}

}  // namespace freshet::postgres
