// freshet/auth.h: an auth plugin in C++. See abi/auth.h for what each function promises.
#pragma once

#include "freshet/abi/auth.h"
#include "freshet/service.h"

namespace freshet {

// Called on a pool of workers, concurrently: may block, must not share unguarded state.
class Auth {
 public:
  virtual Status identify(const freshet_auth_request& request, Reply out) = 0;
  virtual Status mint(std::string_view claims_json, Reply out) {
    static_cast<void>(claims_json);
    static_cast<void>(out);
    return Status::unsupported;
  }
  virtual Status mint_as(std::string_view kind, std::string_view claims_json, Reply out) {
    static_cast<void>(kind);
    static_cast<void>(claims_json);
    static_cast<void>(out);
    return Status::unsupported;
  }

 protected:
  ~Auth() = default;
};

template <>
class Bound<Auth> : detail::BoundTo<Auth> {
 public:
  static constexpr const char* kId = FRESHET_AUTH_ID;

  Bound(Auth& impl, Host host) : BoundTo(impl, host) { table_.self = self(); }
  const freshet_auth* table() const { return &table_; }

 private:
  freshet_auth table_ = {
      .size = sizeof(freshet_auth),
      .self = nullptr,
      .identify =
          [](void* self, const freshet_auth_request* request, freshet_reply reply) {
            answer(self, reply, [&](Auth& a, Reply out) { return a.identify(*request, out); });
          },
      .mint =
          [](void* self, freshet_str claims_json, freshet_reply reply) {
            answer(self, reply, [&](Auth& a, Reply out) { return a.mint(view(claims_json), out); });
          },
      .mint_as =
          [](void* self, freshet_str kind, freshet_str claims_json, freshet_reply reply) {
            answer(self, reply, [&](Auth& a, Reply out) {
              return a.mint_as(view(kind), view(claims_json), out);
            });
          },
  };
};

}  // namespace freshet
