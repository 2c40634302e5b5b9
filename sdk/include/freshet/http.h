// freshet/http.h: HTTP routes of a plugin in C++. See abi/http.h for what each function promises.
#pragma once

#include "freshet/abi/http.h"
#include "freshet/service.h"

namespace freshet {

// answer() is called on a pool of workers, concurrently.
class Http {
 public:
  virtual Status routes(Sink out) = 0;  // [main]
  virtual Status answer(const freshet_request& request, Reply out) = 0;
  // FRESHET_HTTP_ON_..., asked once.
  virtual uint32_t listeners() const { return FRESHET_HTTP_ON_PUBLIC; }

 protected:
  ~Http() = default;
};

template <>
class Bound<Http> : detail::BoundTo<Http> {
 public:
  static constexpr const char* kId = FRESHET_HTTP_ID;

  Bound(Http& impl, Host host) : BoundTo(impl, host) {
    table_.self = self();
    table_.listeners = impl.listeners();
  }
  const freshet_http* table() const { return &table_; }

 private:
  freshet_http table_ = {
      .size = sizeof(freshet_http),
      .self = nullptr,
      .routes =
          [](void* self, const freshet_sink* out) {
            return call(self, [&](Http& h) { return h.routes(Sink(out)); });
          },
      .answer =
          [](void* self, const freshet_request* request, freshet_reply reply) {
            BoundTo::answer(self, reply,
                            [&](Http& h, Reply out) { return h.answer(*request, out); });
          },
      .listeners = FRESHET_HTTP_ON_PUBLIC,
  };
};

}  // namespace freshet
