// site.h: where a client believes to be, also behind proxies.
#pragma once

#include <string>

#include "platform-ws/http/address.h"
#include "platform-ws/http/http_message.h"

namespace freshet::ws {

enum class Transport { plain, tls };

// "https://collab.example.com:8443". By the Host header and how it came in; if `peer` is a trusted
// proxy, by what that says of it first: X-Forwarded-Proto and X-Forwarded-Host, or proto= and host=
// of Forwarded, of the nearest one. Empty: what is said is no host.
std::string site_of(const HttpRequest& request, const PeerAddress& peer,
                    const TrustedProxies& proxies, ForwardedBy header, Transport transport);

}  // namespace freshet::ws
