// freshet/result.h: Status and Result<T>, how fallible functions answer.
//
// A Status says what the caller should do; the log says why. Nothing here allocates or throws.
#pragma once

#include <cassert>
#include <string_view>
#include <utility>
#include <variant>

#include "freshet/abi/status.h"

namespace freshet {

// The C enum of abi/status.h, typed. See there for the meanings.
enum class [[nodiscard]] Status : freshet_status {
  ok = FRESHET_OK,
  not_found = FRESHET_NOT_FOUND,
  denied = FRESHET_DENIED,
  unauthenticated = FRESHET_UNAUTHENTICATED,
  malformed = FRESHET_MALFORMED,
  too_large = FRESHET_TOO_LARGE,
  limit = FRESHET_LIMIT,
  retry = FRESHET_RETRY,
  conflict = FRESHET_CONFLICT,
  corrupt = FRESHET_CORRUPT,
  unsupported = FRESHET_UNSUPPORTED,
  internal = FRESHET_INTERNAL,
};

// For logs and test output.
constexpr std::string_view name_of(Status status) {
  switch (status) {
    case Status::ok: return "ok";
    case Status::not_found: return "not found";
    case Status::denied: return "denied";
    case Status::unauthenticated: return "unauthenticated";
    case Status::malformed: return "malformed";
    case Status::too_large: return "too large";
    case Status::limit: return "limit";
    case Status::retry: return "retry";
    case Status::conflict: return "conflict";
    case Status::corrupt: return "corrupt";
    case Status::unsupported: return "unsupported";
    case Status::internal: return "internal";
  }
  return "unknown";
}

// A value, or the status that says why there is none. Never holds Status::ok.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : held_(std::in_place_index<0>, std::move(value)) {}
  Result(Status status) : held_(std::in_place_index<1>, status) { assert(status != Status::ok); }

  explicit operator bool() const { return held_.index() == 0; }
  Status status() const { return *this ? Status::ok : *std::get_if<1>(&held_); }

  // REQUIRES: *this holds a value.
  T& operator*() & { return *std::get_if<0>(&held_); }
  const T& operator*() const& { return *std::get_if<0>(&held_); }
  T&& operator*() && { return std::move(*std::get_if<0>(&held_)); }
  T* operator->() { return std::get_if<0>(&held_); }
  const T* operator->() const { return std::get_if<0>(&held_); }

 private:
  std::variant<T, Status> held_;
};

}  // namespace freshet

// FRESHET_TRY(auto header, read_header(in)): the value, or return its status from this function.
#define FRESHET_TRY(decl, expr) FRESHET_TRY_COUNTED_(decl, expr, __COUNTER__)
#define FRESHET_TRY_COUNTED_(decl, expr, n) FRESHET_TRY_NAMED_(decl, expr, n)
#define FRESHET_TRY_NAMED_(decl, expr, n)                \
  auto freshet_try_##n = (expr);                         \
  if (!freshet_try_##n) return freshet_try_##n.status(); \
  decl = *std::move(freshet_try_##n)

// FRESHET_CHECK(store.append(...)): go on only if the status is ok.
#define FRESHET_CHECK(expr)                              \
  do {                                                   \
    if (::freshet::Status freshet_check_status = (expr); \
        freshet_check_status != ::freshet::Status::ok) { \
      return freshet_check_status;                       \
    }                                                    \
  } while (false)
