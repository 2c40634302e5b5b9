// freshet/testing/fake_request.h: a request, as a platform hands it over, for auth and HTTP.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "freshet/abi/auth.h"
#include "freshet/sink.h"

namespace freshet::testing {

// Owns its texts. What is not said is as in a GET from 192.0.2.1.
class FakeRequest {
 public:
  using Headers = std::vector<std::pair<std::string, std::string>>;

  explicit FakeRequest(std::string target, Headers headers = {}, std::string method = "GET",
                       std::string body = {})
      : target_(std::move(target)),
        texts_(std::move(headers)),
        method_(std::move(method)),
        body_(std::move(body)) {
    for (const auto& [name, value] : texts_) {
      headers_.push_back({to_c(std::string_view(name)), to_c(std::string_view(value))});
    }
    c_.size = sizeof(c_);
    c_.method = to_c(std::string_view(method_));
    c_.target = to_c(std::string_view(target_));
    c_.peer = to_c(std::string_view("192.0.2.1"));
    c_.headers = headers_.data();
    c_.header_count = headers_.size();
    c_.body = to_c(as_bytes(body_));
  }
  FakeRequest(const FakeRequest&) = delete;
  FakeRequest& operator=(const FakeRequest&) = delete;

  const freshet_request& c() const { return c_; }

  // What an auth plugin is asked of it. `room` outlives that.
  freshet_auth_request for_room(std::string_view room, uint64_t unix_ms = 1'700'000'000'000) const {
    return {sizeof(freshet_auth_request), {nullptr, 0}, &c_, to_c(room), unix_ms};
  }

 private:
  std::string target_;
  Headers texts_;
  std::string method_, body_;
  std::vector<freshet_header> headers_;
  freshet_request c_{};
};

}  // namespace freshet::testing
