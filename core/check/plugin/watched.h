// core/check/plugin/watched.h: a plugin's table of functions, each of which is called under the
// eyes of a witness.
#pragma once

#include <algorithm>
#include <cstring>
#include <exception>
#include <type_traits>

#include "core/check/run/witness.h"

namespace freshet::check {

// Stands in the place of `real`: calls go through, what is thrown does not come back, and replies
// are watched. Outlives the plugin: its answers come through here.
template <class Table>
class Watched {
 public:
  Watched(const Table& real, Witness& witness) : real_(real), witness_(witness) {
    std::memcpy(&table_, &real, std::min<size_t>(real.size, sizeof(table_)));
    table_.size = static_cast<uint32_t>(std::min<size_t>(real.size, sizeof(table_)));
    table_.self = this;
  }
  Watched(const Watched&) = delete;
  Watched& operator=(const Watched&) = delete;

  const Table* table() const { return &table_; }

  // `name`: "store.append". Called once for each function of the table.
  template <auto Function, class R, class... Arguments>
  void watch(R (*Table::*)(void*, Arguments...), const char* name) {
    const auto end = reinterpret_cast<const char*>(&(table_.*Function) + 1);
    if (end > reinterpret_cast<const char*>(&table_) + table_.size) return;
    if (table_.*Function == nullptr) return;
    kName<Function> = name;
    table_.*Function = [](void* self, Arguments... arguments) -> R {
      return static_cast<Watched*>(self)->template call<Function, R>(arguments...);
    };
  }

 private:
  template <auto Function>
  static inline const char* kName = nullptr;

  template <auto Function, class R, class... Arguments>
  R call(Arguments... arguments) {
    const char* name = kName<Function>;
    freshet_reply reply{};
    const auto watched = [&](auto argument) {
      if constexpr (std::is_same_v<decltype(argument), freshet_reply>) {
        return reply = witness_.watched(name, argument);
      } else {
        return argument;
      }
    };
    try {
      const Witness::Calling calling(witness_, name);
      if constexpr (std::is_same_v<R, freshet_status>) {
        const freshet_status status = (real_.*Function)(real_.self, watched(arguments)...);
        witness_.returned(name, status);
        return status;
      } else {
        return (real_.*Function)(real_.self, watched(arguments)...);
      }
    } catch (const std::exception& e) {
      witness_.threw(name, e.what());
    } catch (...) {
      witness_.threw(name, "something that is no std::exception");
    }
    if (reply.to != nullptr) witness_.give_up(reply);
    if constexpr (std::is_same_v<R, freshet_status>) {
      return FRESHET_INTERNAL;
    } else if constexpr (!std::is_void_v<R>) {
      return R{};
    }
  }

  const Table& real_;
  Witness& witness_;
  Table table_{};
};

}  // namespace freshet::check
