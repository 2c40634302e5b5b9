// core/request/request_copy.h: a request that outlives its exchange, for plugins that take their
// time.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "freshet/abi/platform.h"
#include "freshet/sink.h"

namespace freshet {

// A copy of a request. Neither moves nor copies: the C view points into it.
class RequestCopy {
 public:
  explicit RequestCopy(const freshet_request& from)
      : c_(from), body_(from.body.data, from.body.data + from.body.size) {
    c_.size = sizeof(c_);
    c_.method = keep(from.method);
    c_.target = keep(from.target);
    c_.peer = keep(from.peer);
    c_.site = FRESHET_REACHES(&from, site) ? keep(from.site) : freshet_str{};
    c_.body = to_c(Bytes(body_));
    for (size_t i = 0; i < from.header_count; ++i) {
      headers_.push_back({keep(from.headers[i].name), keep(from.headers[i].value)});
    }
    c_.headers = headers_.data();
  }
  RequestCopy(const RequestCopy&) = delete;
  RequestCopy& operator=(const RequestCopy&) = delete;

  const freshet_request& c() const { return c_; }

 private:
  freshet_str keep(freshet_str text) {
    texts_.emplace_back(view(text));
    return to_c(std::string_view(texts_.back()));
  }

  freshet_request c_;
  std::deque<std::string> texts_;
  std::vector<freshet_header> headers_;
  std::vector<uint8_t> body_;
};

}  // namespace freshet
