// core/http/upgrade.h: from an upgrade request to a link: which protocol, who is it, which shard.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/http/page.h"
#include "core/http/parts.h"
#include "core/identity/identification.h"
#include "core/shards/link.h"
#include "core/shards/links.h"
#include "freshet/abi/platform.h"

namespace freshet {

class Upgrades {
 public:
  explicit Upgrades(const HttpParts& parts) : parts_(parts) {}
  Upgrades(const Upgrades&) = delete;
  Upgrades& operator=(const Upgrades&) = delete;

  // The protocol at this path; null: none. `route`: which of its prefixes it is under.
  const Wire* wire_at(std::string_view path, std::string_view& route) const;

  // `here`: the connections of the loop that the request came to.
  void answer(Links& here, freshet_exchange* exchange, const freshet_request& request);

  // One who looks at the server; `wire` is told its address as the query. `trusted`: and has the
  // key already.
  void answer_looker(Links& here, freshet_exchange* exchange, const freshet_request& request,
                     const Wire& wire, bool trusted);

 private:
  struct Upgrade;

  bool may_come(const freshet_request& request) const;
  void identify(Links& here, Upgrade upgrade, const freshet_request& request);
  void on_identified(Links& here, Upgrade upgrade, const Identification::Answer& answer);
  void admit(Links& here, Upgrade upgrade, Identity identity,
             const freshet_request* in_band = nullptr);
  void turn_away_from_nothing(Links& here, freshet_exchange* exchange,
                              const freshet_request& request, const Page& page);
  void turn_away(Links& here, const Upgrade& upgrade, uint16_t code, std::string_view reason);

  const HttpParts& parts_;
};

}  // namespace freshet
