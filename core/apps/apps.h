// core/apps/apps.h: the apps of the server, as the rooms of one shard see them.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "core/apps/notices.h"
#include "core/apps/procedure_calls.h"
#include "core/apps/vetoes.h"

namespace freshet {

class Apps {
 public:
  struct Rooms {
    Notices::LiveState live_state;
    ProcedureCalls::Prepare prepare;
    ProcedureCalls::Ended ended;
    Vetoes::Judged judged;
  };

  Apps(std::span<const std::unique_ptr<Application>> apps, const Procedures& procedures,
       const Notices::Parts& parts, const Rooms& rooms);

  // Whether anybody does: what nobody wants to hear need not be said.
  bool hear(uint32_t kind) const;
  void tell(const Notice& notice);
  // `done` comes once, when all who hear of it have answered: the last that went wrong, if any did.
  void tell(Notice notice, std::function<void(Status)> done);
  // Whether anybody wants the document with it.
  bool want_state(uint32_t kind) const;

  bool give_initial_storage() const { return first_ != nullptr; }
  // REQUIRES: give_initial_storage().
  void ask_initial_storage(const std::string& room, Notices::Asked done) {
    first_->ask_initial_storage(room, std::move(done));
  }

  const Procedures::One* procedure(std::string_view name) const { return procedures_.find(name); }
  // `bytes`: of what the same session calls already.
  Status call(size_t bytes, ProcedureCall called);

  // Whether any app is asked before that, of FRESHET_VETO_...
  bool may_veto(uint32_t what) const;
  // One app after the other, until one refuses or is late; Rooms::judged is told, later.
  // REQUIRES: may_veto().
  void ask(Intent about) { ask_from(0, std::move(about)); }

  void tick(uint64_t now_ms);
  bool idle() const;  // all was told and answered

 private:
  void ask_from(size_t app, Intent about);

  const Procedures& procedures_;
  std::vector<std::unique_ptr<Notices>> notices_;
  std::vector<std::unique_ptr<ProcedureCalls>> calls_;
  std::vector<std::unique_ptr<Vetoes>> vetoes_;
  const Vetoes::Judged judged_;
  Notices* first_ = nullptr;
};

}  // namespace freshet
