// core/http/admin/admin_door.h: who may ask the admin listener.
//
// Its port is reached by every page that a browser on the machine shows: by one of another site,
// which says so in Origin, and by one whose name was made to mean this machine (DNS rebinding),
// which says so in Host. Over TCP every program and user of the machine reaches it too: there it
// asks for a key.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/http/page.h"
#include "core/identity/admin_key.h"
#include "freshet/abi/platform.h"

namespace freshet {

// What the manifest says of it.
struct AdminRules {
  std::string key = {};                 // empty: none is asked for
  std::vector<std::string> hosts = {};  // names it is reached by, beside addresses and localhost
  bool on_socket = true;                // reached by a path, and not by whoever knows a port
};

class AdminDoor {
 public:
  // Both outlive it.
  AdminDoor(const AdminRules& rules, AdminKey& key) : rules_(rules), key_(key) {}

  // Why a page may not ask it; nothing: it may, or it is no page. [any]
  std::optional<Page> refusal_of_page(const freshet_request& request) const;
  // The same of what is no secret, and asked by names that nobody has listed. [any]
  std::optional<Page> refusal_of_origin(const freshet_request& request) const;
  // The same of who has no key. Counts a wrong one. [any]
  std::optional<Page> refusal_of_key(const freshet_request& request, uint64_t now_ms) const;
  // It needs no key, or brings it. [any]
  bool has_key(const freshet_request& request, uint64_t now_ms) const;
  // Bytes of what it asks to have done are to be read: it is judged once they are. [any]
  bool lets_in(const freshet_request& head, uint64_t now_ms) const;

 private:
  bool knows_host(std::string_view host) const;

  const AdminRules& rules_;
  AdminKey& key_;
};

}  // namespace freshet
