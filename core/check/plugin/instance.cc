#include "core/check/plugin/instance.h"

#include <exception>
#include <utility>

#include "core/check/limits.h"
#include "core/host/service_tables.h"
#include "freshet/abi.h"

namespace freshet::check {

Instance::Instance(Trial& trial, const Place& place)
    : trial_(trial), file_(trial.file()), rooms_(trial.witness()) {
  if (file_ == nullptr) {
    why_ = trial.reason();
    return;
  }
  Problems problems(trial.subject().file.filename().string());
  Told told = tell(trial.subject(), *file_, place, problems);
  keeps_ = told.keeps;
  if (!told.lacking.empty() || !problems.empty()) {
    why_ = told.lacking.empty() ? problems.text() : told.lacking;
    return;
  }
  host_ = std::make_unique<GivenHost>(file_->settings(), std::move(told.settings), trial.witness());
  host_->offer(FRESHET_ROOM_ID, rooms_.table());
  host_->offer(FRESHET_OUTBOX_ID, core_.outbox());
  host_->offer(FRESHET_ROOM_STORAGE_ID, core_.storage());
  host_->offer(FRESHET_SERVER_ID, core_.server());
  create();
}

void Instance::create() {
  void* self = nullptr;
  std::string fault;
  try {
    const Witness::Calling calling(trial_.witness(), "create");
    status_ = Status{file_->about().create(host_->table(), &self)};
  } catch (const std::exception& e) {
    fault = std::string("create threw ") + e.what();
  } catch (...) {
    fault = "create threw something that is no std::exception";
  }
  host_->created();
  if (!fault.empty()) status_ = Status::internal;
  if (status_ == Status::ok) {
    self_ = self;
    if (self_ == nullptr) fault = "create answered ok and gave no instance";
  } else if (fault.empty()) {
    fault = "create answered " + std::string(name_of(status_));
    if (host_->log().empty()) fault += ", and logged no reason";
  }
  if (fault.empty()) return;
  why_ = fault + (host_->log().empty() ? "" : "; its log:\n" + host_->log());
}

const void* Instance::find(const char* id) {
  if (!file_->offers(id)) return nullptr;
  const Witness::Calling calling(trial_.witness(), "service");
  const void* table = file_->about().service(self_, id);
  return table_fault(id, table).empty() ? table : nullptr;
}

void Instance::end() {
  if (void* self = std::exchange(self_, nullptr)) {
    try {
      const Witness::Calling calling(trial_.witness(), "destroy");
      file_->about().destroy(self);
    } catch (...) {
      trial_.witness().threw("destroy", "an exception");
    }
    trial_.witness().plugin_is_gone();
  }
  if (host_ != nullptr) trial_.keep_log(host_->log());
  host_.reset();
}

}  // namespace freshet::check
