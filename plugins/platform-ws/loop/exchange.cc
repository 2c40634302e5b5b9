#include "platform-ws/loop/exchange.h"

#include <utility>

#include "freshet/sink.h"

namespace freshet::ws {

Exchange::Exchange(EventLoop& on, HttpConnection& from, HttpRequest asked, AskedBy by)
    : loop(on),
      http(&from),
      request(std::move(asked)),
      peer_(std::move(by.peer)),
      site_(std::move(by.site)) {
  headers_.reserve(request.headers.size());
  for (const HttpHeader& header : request.headers) {
    headers_.push_back({to_c(header.name), to_c(header.value)});
  }
  view_.size = sizeof(view_);
  view_.role = by.role;
  view_.upgrade = request.asks_upgrade ? 1 : 0;
  view_.movable = by.movable ? 1 : 0;
  view_.method = to_c(request.method);
  view_.target = to_c(request.target);
  view_.peer = to_c(peer_);
  view_.headers = headers_.data();
  view_.header_count = headers_.size();
  view_.listed_origin = by.listed_origin ? 1 : 0;
  view_.site = to_c(site_);
  view_.body = {reinterpret_cast<const uint8_t*>(request.body.data()), request.body.size()};
}

}  // namespace freshet::ws
