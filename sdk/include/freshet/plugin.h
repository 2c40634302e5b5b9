// freshet/plugin.h: what a plugin author includes. Header-only, C++20, standard library only.
//
//   class MemoryStore final : public freshet::Store {
//    public:
//     static constexpr freshet_setting kSettings[] = {
//         freshet::setting::integer("max_rooms", "1000", 1, 1'000'000, nullptr, "Rooms kept.")};
//     static constexpr freshet::About kAbout{
//         .id = "store-memory", .version = "1.0.0", .summary = "Keeps rooms in memory.",
//         .settings = kSettings};
//     static freshet::Result<std::unique_ptr<MemoryStore>> create(freshet::Host host);
//     ...
//   };
//   FRESHET_PLUGIN(MemoryStore)
//
// Derive from one or more interfaces, override, name the class once. The wrapper builds the C
// tables, converts the types and stops exceptions at the border. Which thread calls what is said in
// abi/.
#pragma once

#include <concepts>
#include <cstring>
#include <memory>
#include <span>
#include <tuple>

#include "freshet/abi/plugin.h"
#include "freshet/app.h"
#include "freshet/auth.h"
#include "freshet/crdt.h"
#include "freshet/host.h"
#include "freshet/http.h"
#include "freshet/platform.h"
#include "freshet/protocol.h"
#include "freshet/store.h"

namespace freshet {

// The settings a manifest may give, one by one. `fallback` is written as in a manifest; null: none.
namespace setting {
constexpr freshet_setting boolean(const char* key, const char* fallback, const char* help) {
  return {key, FRESHET_BOOL, 0, fallback, 0, 0, nullptr, nullptr, help};
}
// `unit`: "bytes" and "ms" also take "64 KiB" and "30 s".
constexpr freshet_setting integer(const char* key, const char* fallback, int64_t min, int64_t max,
                                  const char* unit, const char* help) {
  return {key, FRESHET_INT, 0, fallback, min, max, nullptr, unit, help};
}
constexpr freshet_setting text(const char* key, const char* fallback, const char* help) {
  return {key, FRESHET_TEXT, 0, fallback, 0, 0, nullptr, nullptr, help};
}
// `choices`: "wal|memory".
constexpr freshet_setting choice(const char* key, const char* fallback, const char* choices,
                                 const char* help) {
  return {key, FRESHET_TEXT, 0, fallback, 0, 0, choices, nullptr, help};
}
constexpr freshet_setting list(const char* key, const char* help) {
  return {key, FRESHET_STRINGS, 0, nullptr, 0, 0, nullptr, nullptr, help};
}
constexpr freshet_setting required(freshet_setting s) { return s.flags |= FRESHET_REQUIRED, s; }
constexpr freshet_setting secret(freshet_setting s) { return s.flags |= FRESHET_SECRET, s; }
}  // namespace setting

struct About {
  const char* id;
  const char* version;
  const char* licence = "MIT";
  const char* summary = "";
  std::span<const freshet_setting> settings = {};
  std::span<const char* const> needs = {};  // service ids others must offer first
  bool shared = false;                      // a store that many processes may use at once
};

// On any failure create() has logged the reason.
template <class P>
concept PluginClass = requires(Host host) {
  { P::kAbout } -> std::convertible_to<About>;
  { P::create(host) } -> std::same_as<Result<std::unique_ptr<P>>>;
};

namespace detail {

// A Bound for each interface that P derives from; an empty place for the others.
struct NotOffered {
  template <class P>
  NotOffered(P&, Host) {}
};
template <class P, class Interface>
using BoundIf = std::conditional_t<std::derived_from<P, Interface>, Bound<Interface>, NotOffered>;

template <class P>
struct Instance {
  Instance(std::unique_ptr<P> p, Host host)
      : plugin(std::move(p)),
        store(*plugin, host),
        auth(*plugin, host),
        http(*plugin, host),
        crdt(*plugin, host),
        protocol(*plugin, host),
        platform(*plugin, host),
        app(*plugin, host) {}

  const void* find(std::string_view id) const {
    return std::apply(
        [&](const auto&... bound) {
          const void* found = nullptr;
          ((found = found != nullptr ? found : match(bound, id)), ...);
          return found;
        },
        std::tie(store, auth, http, crdt, protocol, platform, app));
  }

  template <class B>
  static const void* match(const B& bound, std::string_view id) {
    return id == B::kId ? bound.table() : nullptr;
  }
  static const void* match(const NotOffered&, std::string_view) { return nullptr; }

  std::unique_ptr<P> plugin;
  BoundIf<P, Store> store;
  BoundIf<P, Auth> auth;
  BoundIf<P, Http> http;
  BoundIf<P, Crdt> crdt;
  BoundIf<P, Protocol> protocol;
  BoundIf<P, Platform> platform;
  BoundIf<P, App> app;
};

template <class P>
freshet_status create(const freshet_host* c_host, void** self) noexcept {
  const Host host(c_host);
  return guard(host, [&]() -> Status {
    FRESHET_TRY(std::unique_ptr<P> plugin, P::create(host));
    *self = new Instance<P>(std::move(plugin), host);
    return Status::ok;
  });
}

// A store may have `static Status restore(Host, std::string_view path)`; see abi/plugin.h.
template <class P>
concept Restores = requires(Host host, std::string_view path) {
  { P::restore(host, path) } -> std::same_as<Status>;
};

template <class P>
freshet_status restore(const freshet_host* c_host, freshet_str path) noexcept {
  const Host host(c_host);
  return guard(host, [&]() -> Status { return P::restore(host, view(path)); });
}

template <class P>
constexpr decltype(freshet_plugin::restore) restore_of() {
  if constexpr (Restores<P>) return restore<P>;
  return nullptr;
}

inline constexpr size_t kMaxNeeds = 8;

// The descriptor, and the NULL-terminated lists it points to.
template <class P>
struct Described {
  Described() {
    size_t n = 0;
    const auto offer = [&]<class Interface>(std::type_identity<Interface>) {
      if constexpr (std::derived_from<P, Interface>) offers[n++] = Bound<Interface>::kId;
    };
    offer(std::type_identity<Store>{});
    offer(std::type_identity<Auth>{});
    offer(std::type_identity<Http>{});
    offer(std::type_identity<Crdt>{});
    offer(std::type_identity<Protocol>{});
    offer(std::type_identity<Platform>{});
    offer(std::type_identity<App>{});
    static_assert(P::kAbout.needs.size() < kMaxNeeds);
    std::copy(P::kAbout.needs.begin(), P::kAbout.needs.end(), needs);
  }

  const char* offers[8] = {};
  const char* needs[kMaxNeeds] = {};
  freshet_plugin c{
      .size = sizeof(freshet_plugin),
      .abi = FRESHET_ABI_VERSION,
      .id = P::kAbout.id,
      .version = P::kAbout.version,
      .licence = P::kAbout.licence,
      .summary = P::kAbout.summary,
      .offers = offers,
      .needs = needs,
      .settings = P::kAbout.settings.data(),
      .setting_count = P::kAbout.settings.size(),
      .setting_size = sizeof(freshet_setting),
      .create = create<P>,
      .destroy = [](void* self) { delete static_cast<Instance<P>*>(self); },
      .service = [](void* self,
                    const char* id) { return static_cast<const Instance<P>*>(self)->find(id); },
      .shared = P::kAbout.shared ? 1u : 0u,
      .restore = restore_of<P>(),
  };
};

template <PluginClass P>
const freshet_plugin* describe() noexcept {
  static const Described<P> described;
  return &described.c;
}

}  // namespace detail
}  // namespace freshet

// Defines the plugin's one exported symbol. Use once, at namespace scope.
#define FRESHET_PLUGIN(Class)                                                  \
  extern "C" FRESHET_EXPORT const freshet_plugin* freshet_plugin_entry(void) { \
    return freshet::detail::describe<Class>();                                 \
  }
