// freshet/app.h: an app plugin in C++. See abi/app.h for when each function is called.
#pragma once

#include <string_view>

#include "freshet/abi/app.h"
#include "freshet/app/router.h"
#include "freshet/service.h"

namespace freshet {

// `of` each kind of notice: 1u << FRESHET_USER_CONNECTED | ...
struct AppWants {
  uint32_t notices = 0;
  uint32_t states = 0;  // of those, the ones that come with the document
  bool initial_storage = false;
  uint32_t vetoes = 0;  // FRESHET_VETO_JOIN | FRESHET_VETO_EDIT: it is asked before these
};

// Refuses what an app was asked about, in words for who is refused.
inline Status refuse(Reply out, std::string_view reason) {
  FRESHET_CHECK(out.write(FRESHET_APP_REASON, reason));
  return Status::denied;
}

// Called on workers of its own, for several rooms at once: what they share needs a lock. Plain
// blocking code is right here, within limits.app_deadline_ms.
class App {
 public:
  virtual AppWants wants() = 0;  // [main]
  // Writes FRESHET_APP_STATE, or nothing.
  virtual Status initial_storage(std::string_view room, Reply out) {
    static_cast<void>(room);
    static_cast<void>(out);
    return Status::not_found;
  }
  virtual Status notice(const freshet_notice& notice) {
    static_cast<void>(notice);
    return Status::ok;
  }
  // Before it happens, and within limits.veto_timeout_ms, for those of wants().vetoes: ok, or
  // refuse(out, "...").
  virtual Status before_join(const freshet_intent& who, Reply out) {
    static_cast<void>(who);
    static_cast<void>(out);
    return Status::ok;
  }
  virtual Status before_edit(const freshet_intent& what, Reply out) {
    static_cast<void>(what);
    static_cast<void>(out);
    return Status::ok;
  }
  // Lives as long as the plugin, and does not change.
  virtual const Router* router() const { return nullptr; }
  // Whether nothing it was told is still to be passed on; asked while the server stops, which waits
  // for that within a bound. [shard]: never blocks.
  virtual bool settled() { return true; }

 protected:
  ~App() = default;
};

template <>
class Bound<App> : detail::BoundTo<App> {
 public:
  static constexpr const char* kId = FRESHET_APP_ID;

  Bound(App& impl, Host host) : BoundTo(impl, host) { table_.self = self(); }
  const freshet_app* table() const { return &table_; }

 private:
  freshet_app table_ = {
      .size = sizeof(freshet_app),
      .self = nullptr,
      .wants =
          [](void* self, freshet_app_wants* out) {
            run(self, [&](App& app) {
              const AppWants wants = app.wants();
              out->notices = wants.notices;
              out->states = wants.states;
              out->initial_storage = wants.initial_storage ? 1 : 0;
              if (FRESHET_REACHES(out, vetoes)) out->vetoes = wants.vetoes;
            });
          },
      .initial_storage =
          [](void* self, freshet_str room, freshet_reply reply) {
            answer(self, reply,
                   [&](App& app, Reply out) { return app.initial_storage(view(room), out); });
          },
      .notice =
          [](void* self, const freshet_notice* notice, freshet_reply reply) {
            answer(self, reply, [&](App& app, Reply) { return app.notice(*notice); });
          },
      .procedures =
          [](void* self, const freshet_sink* out) {
            return call(self, [&](App& app) {
              if (app.router() == nullptr) return Status::ok;
              for (const auto& [name, procedure] : app.router()->procedures()) {
                FRESHET_CHECK(Sink(out).write(procedure.json()));
              }
              return Status::ok;
            });
          },
      .call =
          [](void* self, const freshet_call* called, freshet_reply reply) {
            answer(self, reply, [&](App& app, Reply out) {
              const Router* router = app.router();
              const Procedure* procedure =
                  router == nullptr ? nullptr : router->find(view(called->procedure));
              return procedure == nullptr ? Status::not_found : procedure->call(Call(*called), out);
            });
          },
      .settled =
          [](void* self) {
            bool settled = true;  // and one that throws is not waited for
            run(self, [&](App& app) { settled = app.settled(); });
            return settled ? 1 : 0;
          },
      .before_join =
          [](void* self, const freshet_intent* who, freshet_reply reply) {
            answer(self, reply, [&](App& app, Reply out) { return app.before_join(*who, out); });
          },
      .before_edit =
          [](void* self, const freshet_intent* what, freshet_reply reply) {
            answer(self, reply, [&](App& app, Reply out) { return app.before_edit(*what, out); });
          },
  };
};

}  // namespace freshet
