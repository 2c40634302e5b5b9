// core/residence/or_retry.h: work on a worker whose memory may not be there now.
#pragma once

#include <optional>
#include <utility>

#include "freshet/result.h"
#include "freshet/sink.h"

namespace freshet {

// What `f` returns, a Result<T>. Work whose memory is not there can be done later: Status::retry.
template <class T, class F>
Result<T> or_retry(F f) {
  std::optional<Result<T>> out;
  const Status status = if_memory([&] {
    out.emplace(f());
    return Status::ok;
  });
  return status == Status::ok ? *std::move(out) : Result<T>(status);
}

}  // namespace freshet
