#include <iostream>

#include "core/cli/composition.h"
#include "core/cli/limits.h"
#include "core/cli/migration/migrate.h"
#include "core/cli/migration/store_copy.h"
#include "core/report/printable.h"

namespace freshet::cli {
namespace {

constexpr uint64_t kRoomsALine = 1000;  // rooms, between two lines on stderr

// The store of a manifest, called directly.
class OpenedStore {
 public:
  explicit OpenedStore(const std::string& manifest)
      : loaded_(manifest, Composition::any, FRESHET_WARN) {}

  ExitCode open() { return open_store(loaded_, {FRESHET_STORE_ID}, services_); }
  const freshet_store& table() const { return *services_.store.table; }

 private:
  Loaded loaded_;
  Services services_;
};

class StoreMigration {
 public:
  StoreMigration(StoreCopy& copy, const Command& command) : copy_(copy), command_(command) {}

  ExitCode run() {
    take_rooms();
    take_kept();
    if (ended_ == kOk) take_outbox();
    tell();
    return ended_ == kOk && failed_ > 0 ? kFailed : ended_;
  }

 private:
  void take_rooms() {
    for (std::string last; ended_ == kOk;) {
      const auto page = copy_.rooms_after(last);
      if (!page) return stop("the list of rooms", page.status());
      if (page->empty()) return;
      for (const std::string& room : *page) {
        take(room);
        if (ended_ != kOk) return;
        if (++seen_ % kRoomsALine == 0) std::cerr << seen_ << " rooms, " << bytes_ << " bytes\n";
      }
      last = page->back();
    }
  }

  void take(const std::string& room) {
    const auto there = copy_.look(room);
    if (!there) return go_on_or_stop(room, there.status());
    if (*there == StoreCopy::There::all_of_it) return void(++there_);
    if (const char* why = not_replaced(*there); why != nullptr && !command_.overwrite) {
      ++failed_;
      return say(room, std::string(why) + ", and stays: --overwrite replaces it");
    }
    if (command_.dry_run) return void(++taken_);
    const auto bytes = copy_.copy(room);
    if (!bytes) return go_on_or_stop(room, bytes.status());
    ++taken_;
    bytes_ += *bytes;
  }

  // Null: it is to be copied.
  static const char* not_replaced(StoreCopy::There there) {
    switch (there) {
      case StoreCopy::There::another_history: return "is there with another history";
      case StoreCopy::There::changed: return "was copied, and has been changed there since";
      default: return nullptr;
    }
  }

  void take_kept() {
    for (StoreCopy::Kept last; ended_ == kOk;) {
      const auto page = copy_.kept_after(last);
      if (!page) return stop("what apps keep", page.status());
      if (page->empty()) return;
      if (!copy_.keeps_values()) {
        ++failed_;
        std::cerr << "what apps keep beside rooms stays: the new store keeps none of it\n";
        return;
      }
      for (const StoreCopy::Kept& kept : *page) take(kept);
      last = page->back();
    }
  }

  void take(const StoreCopy::Kept& kept) {
    if (ended_ != kOk) return;
    const std::string what =
        "\"" + printable(kept.name) + "\" of room \"" + printable(kept.room) + "\"";
    const auto there = copy_.look(kept);
    if (!there) return stop(what, there.status());
    if (*there == StoreCopy::There::all_of_it) return;
    if (*there != StoreCopy::There::no && !command_.overwrite) {
      ++failed_;
      std::cerr << what << " is another in the new store, and stays: --overwrite replaces it\n";
      return;
    }
    const Status copied = command_.dry_run ? Status::ok : copy_.copy(kept);
    if (copied != Status::ok) return stop(what, copied);
    ++values_;
  }

  void take_outbox() {
    const auto topics = copy_.topics();
    if (!topics) return stop("the outbox", topics.status());
    for (const StoreCopy::Topic& topic : *topics) {
      take(topic);
      if (ended_ != kOk) return;
    }
  }

  void take(const StoreCopy::Topic& topic) {
    const std::string what = "outbox of \"" + printable(topic.name) + "\"";
    if (!copy_.keeps_outbox()) {
      ++failed_;
      std::cerr << what << ": " << topic.live + topic.dead
                << " entries stay: the new store keeps no outbox\n";
      return;
    }
    const auto has = copy_.has_topic(topic.name);
    if (!has) return stop(what, has.status());
    if (*has) {
      ++failed_;
      std::cerr << what << ": has entries in the new store already; nothing was added\n";
      return;
    }
    const Status copied = command_.dry_run ? Status::ok : copy_.copy_outbox(topic.name);
    if (copied != Status::ok) {
      stop(what, copied);
      std::cerr << what << ": some of it may be there: it has to go before it is copied again\n";
      return;
    }
    letters_ += topic.live + topic.dead;
  }

  // What is wrong with one room lets the next one be tried; what is wrong with a store does not.
  void go_on_or_stop(const std::string& room, Status status) {
    switch (status) {
      case Status::corrupt:
      case Status::too_large:
      case Status::conflict:
        ++failed_;
        return say(room, "is not copied (" + std::string(name_of(status)) + ")");
      default: stop("room \"" + printable(room) + "\"", status);
    }
  }

  void say(const std::string& room, const std::string& what) const {
    std::cerr << "room \"" << printable(room) << "\" " << what << "\n";
  }

  void stop(const std::string& what, Status status) {
    ended_ = status == Status::not_found ? kFailed : exit_code(status);
    std::cerr << what << ": " << name_of(status)
              << "; nothing after it is copied. Run again, it goes on there\n";
  }

  void tell() const {
    std::cout << (command_.dry_run ? "rooms to copy: " : "rooms copied: ") << taken_ << " ("
              << bytes_ << " bytes); there already: " << there_ << "; values of apps: " << values_
              << "; outbox entries: " << letters_ << "; failed: " << failed_ << "\n";
  }

  StoreCopy& copy_;
  const Command& command_;
  ExitCode ended_ = kOk;  // otherwise: one of the stores does not take part any more
  uint64_t seen_ = 0, taken_ = 0, bytes_ = 0, there_ = 0, values_ = 0, letters_ = 0, failed_ = 0;
};

}  // namespace

ExitCode migrate_store(const Command& command) {
  Caller caller(kAnswerDeadline);  // ends after the plugins
  OpenedStore from(command.from), to(command.to);
  if (const ExitCode opened = from.open(); opened != kOk) return opened;
  if (const ExitCode opened = to.open(); opened != kOk) return opened;
  StoreCopy copy(caller, from.table(), to.table());
  return StoreMigration(copy, command).run();
}

}  // namespace freshet::cli
