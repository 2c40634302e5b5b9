// freshet/service.h: what turns a C++ interface into its C table. For this SDK's own headers.
#pragma once

#include <exception>
#include <memory>
#include <new>

#include "freshet/host.h"

namespace freshet {

// Bound<Store> is the C table of a Store, and what its functions need to find their way back.
// It borrows the implementation, and is what `self` points to.
template <class Interface>
class Bound;

namespace detail {

// The border: nothing thrown gets past here. Memory that is not there now may be there later.
template <class F>
freshet_status guard(const Host& host, F&& f) noexcept {
  try {
    try {
      return static_cast<freshet_status>(f());
    } catch (const std::bad_alloc&) {
      host.error("a plugin call ran out of memory");
      return FRESHET_RETRY;
    } catch (const std::exception& e) {
      host.error(std::string("a plugin call threw: ") + e.what());
    } catch (...) {
      host.error("a plugin call threw something that is no std::exception");
    }
  } catch (...) {
    return FRESHET_INTERNAL;  // there was no memory for the log line either
  }
  return FRESHET_INTERNAL;
}

template <class Interface>
class BoundTo {
 protected:
  BoundTo(Interface& impl, Host host) : impl_(impl), host_(host) {}
  BoundTo(const BoundTo&) = delete;
  BoundTo& operator=(const BoundTo&) = delete;
  void* self() { return this; }

  template <class F>
  static freshet_status call(void* self, F&& f) noexcept {
    auto& bound = *static_cast<BoundTo*>(self);
    return guard(bound.host_, [&] { return f(bound.impl_); });
  }

  // For functions without a status: the failure is in the log.
  template <class F>
  static void run(void* self, F&& f) noexcept {
    call(self, [&](Interface& impl) {
      f(impl);
      return Status::ok;
    });
  }

  template <class F>
  static void answer(void* self, freshet_reply reply, F&& f) noexcept {
    const freshet_status status =
        call(self, [&](Interface& impl) { return f(impl, Reply(reply)); });
    reply.to->done(reply.to->ctx, reply.token, status);
  }

 private:
  Interface& impl_;
  Host host_;
};

}  // namespace detail
}  // namespace freshet
