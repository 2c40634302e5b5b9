// core/listeners.h: the apps of the server, as the rooms of one shard see them.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "core/notices.h"

namespace freshet {

class Listeners {
 public:
  Listeners(std::span<const std::unique_ptr<Application>> apps, const Notices::Parts& parts);

  // Whether anybody does: what nobody wants to hear need not be said.
  bool hear(uint32_t kind) const;
  void tell(const Notice& notice);

  bool give_initial_storage() const { return first_ != nullptr; }
  // REQUIRES: give_initial_storage().
  void ask_initial_storage(const std::string& room, Notices::Asked done) {
    first_->ask_initial_storage(room, std::move(done));
  }

  void tick(uint64_t now_ms);
  bool idle() const;  // all was told

 private:
  std::vector<std::unique_ptr<Notices>> notices_;
  Notices* first_ = nullptr;
};

}  // namespace freshet
