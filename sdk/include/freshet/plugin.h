// freshet/plugin.h: what a plugin author includes. Header-only, C++20, standard library only.
//
//   class MemoryStore final : public freshet::Store {
//    public:
//     static constexpr freshet::About kAbout{
//         .id = "store-memory", .version = "1.0.0", .summary = "Keeps rooms in memory."};
//     static freshet::Result<std::unique_ptr<MemoryStore>> create(freshet::Host host);
//     ...
//   };
//   FRESHET_PLUGIN(MemoryStore)
//
// Derive from one or more interfaces, override, name the class once. The wrapper builds the C
// tables, converts the types and stops exceptions at the border. Which thread calls what is said in
// abi/.
#pragma once

#if __cplusplus < 202002L
#error "Freshet's C++ headers need C++20: compile with -std=c++20. Plain C includes freshet/abi.h."
#endif
#include <concepts>
#include <cstring>
#include <memory>
#include <span>
#include <tuple>

#include "freshet/abi/plugin.h"
#include "freshet/app.h"
#include "freshet/auth.h"
#include "freshet/bus.h"
#include "freshet/crdt.h"
#include "freshet/host.h"
#include "freshet/http.h"
#include "freshet/platform.h"
#include "freshet/protocol.h"
#include "freshet/settings.h"
#include "freshet/store.h"

namespace freshet {

struct About {
  const char* id;
  const char* version;
  const char* licence = "MIT";
  const char* summary = "";
  std::span<const freshet_setting> settings = {};
  std::span<const char* const> needs = {};  // service ids others must offer first
  bool shared = false;                      // a store that many processes may use at once
};

// A plugin whose settings have rules beyond the schema reads them into a type of its own, in one
// place that tells of all that is wrong with them and looks at nothing else:
//
//   static Options read_settings(freshet::Given given, freshet::Faults& faults);
//   static freshet::Result<std::unique_ptr<P>> create(freshet::Host host, Options options);
//
// `freshet check` calls the first alone. create() gets what it made, and is not called if it told
// of a fault: what the one refuses the other never sees.
template <class P>
concept ReadsSettings = requires(Given given, Faults& faults) { P::read_settings(given, faults); };

// On any failure create() has logged the reason.
template <class P, class... Settings>
concept CreatedFrom = requires(Host host, Settings... settings) {
  { P::create(host, std::move(settings)...) } -> std::same_as<Result<std::unique_ptr<P>>>;
};

namespace detail {
template <class P>
struct SettingsOf {};
template <ReadsSettings P>
struct SettingsOf<P> {
  using Type = decltype(P::read_settings(std::declval<Given>(), std::declval<Faults&>()));
};
}  // namespace detail

template <class P>
concept PluginClass =
    requires {
      { P::kAbout } -> std::convertible_to<About>;
    } && ((ReadsSettings<P> && CreatedFrom<P, typename detail::SettingsOf<P>::Type>) ||
          (!ReadsSettings<P> && CreatedFrom<P>));

// What read_settings() makes of them, or every fault in the log.
template <ReadsSettings P>
Result<typename detail::SettingsOf<P>::Type> settings_of(Host host) {
  const freshet_faults to_log{.size = sizeof(freshet_faults),
                              .ctx = &host,
                              .add = [](void* ctx, freshet_str key, freshet_str reason) {
                                const std::string name(view(key));
                                static_cast<Host*>(ctx)->error((name.empty() ? "" : name + ": ") +
                                                               std::string(view(reason)));
                              }};
  Faults faults(&to_log);
  auto settings = P::read_settings(host, faults);
  if (faults.any()) return Status::malformed;
  return settings;
}

// What loading does: reads the settings, if P does that, and creates it.
template <PluginClass P>
Result<std::unique_ptr<P>> make_plugin(Host host) {
  if constexpr (ReadsSettings<P>) {
    FRESHET_TRY(auto settings, settings_of<P>(host));
    return P::create(host, std::move(settings));
  } else {
    return P::create(host);
  }
}

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
        app(*plugin, host),
        bus(*plugin, host) {}

  const void* find(std::string_view id) const {
    return std::apply(
        [&](const auto&... bound) {
          const void* found = nullptr;
          ((found = found != nullptr ? found : match(bound, id)), ...);
          return found;
        },
        std::tie(store, auth, http, crdt, protocol, platform, app, bus));
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
  BoundIf<P, Bus> bus;
};

template <class P>
freshet_status check_settings(const freshet_host* c_host, const freshet_faults* out) noexcept {
  return guard(Host(c_host), [&] {
    Faults faults(out);
    static_cast<void>(P::read_settings(Given(c_host), faults));
    return Status::ok;
  });
}

template <class P>
constexpr decltype(freshet_plugin::check_settings) check_settings_of() {
  if constexpr (ReadsSettings<P>) return check_settings<P>;
  return nullptr;
}

// A store may have `static Status restore(Host, std::string_view path)`, with what read_settings()
// makes at its end if it has that; see abi/plugin.h.
template <class P, class... Settings>
concept Restores = requires(Host host, std::string_view path, Settings... settings) {
  { P::restore(host, path, std::move(settings)...) } -> std::same_as<Status>;
};

template <class P>
freshet_status restore(const freshet_host* c_host, freshet_str path) noexcept {
  const Host host(c_host);
  return guard(host, [&]() -> Status {
    if constexpr (ReadsSettings<P>) {
      FRESHET_TRY(auto settings, settings_of<P>(host));
      return P::restore(host, view(path), std::move(settings));
    } else {
      return P::restore(host, view(path));
    }
  });
}

template <class P>
constexpr decltype(freshet_plugin::restore) restore_of() {
  if constexpr (ReadsSettings<P>) {
    if constexpr (Restores<P, typename SettingsOf<P>::Type>) return restore<P>;
  } else if constexpr (Restores<P>) {
    return restore<P>;
  }
  return nullptr;
}

template <class P>
freshet_status create(const freshet_host* c_host, void** self) noexcept {
  const Host host(c_host);
  return guard(host, [&]() -> Status {
    FRESHET_TRY(std::unique_ptr<P> plugin, make_plugin<P>(host));
    *self = new Instance<P>(std::move(plugin), host);
    return Status::ok;
  });
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
    offer(std::type_identity<Bus>{});
    static_assert(P::kAbout.needs.size() < kMaxNeeds);
    std::copy(P::kAbout.needs.begin(), P::kAbout.needs.end(), needs);
  }

  const char* offers[9] = {};
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
      .check_settings = check_settings_of<P>(),
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
