// exchange.h: a request that the core has been asked about and has not answered.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "freshet/abi/platform.h"
#include "platform-ws/http/http_message.h"

struct freshet_exchange {};  // what the core holds

namespace freshet::ws {

class HttpConnection;
class EventLoop;

// What is known of who asks beside the request itself.
struct AskedBy {
  std::string peer;       // in text
  std::string site = {};  // as freshet_request has it
  uint32_t role = 0;
  bool movable = false;        // to another loop
  bool listed_origin = false;  // the settings name the origin it says
};

// Owned by its loop until it is answered: longer than its connection, if that ends first.
class Exchange : public freshet_exchange {
 public:
  Exchange(EventLoop& on, HttpConnection& from, HttpRequest asked, AskedBy by);
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  const freshet_request& view() const { return view_; }

  EventLoop& loop;
  HttpConnection* http;  // null: it ended, and the answer goes nowhere
  const HttpRequest request;
  size_t slot = 0;  // in the loop's exchanges

 private:
  const std::string peer_, site_;
  std::vector<freshet_header> headers_;
  freshet_request view_{};
};

}  // namespace freshet::ws
