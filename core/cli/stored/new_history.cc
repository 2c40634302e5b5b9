#include "core/cli/stored/new_history.h"

#include <iostream>
#include <random>
#include <string>

#include "core/cli/answer.h"
#include "core/cli/composition.h"
#include "core/cli/limits.h"
#include "core/cli/stored/claim_at_start.h"
#include "freshet/sink.h"

namespace freshet::cli {
namespace {

constexpr uint32_t kRoomsACall = 1000;
constexpr uint64_t kEpochsALine = 10'000;  // between two lines on stderr

freshet_node drawn_node() {
  std::random_device random;
  freshet_node node{};
  for (uint8_t& byte : node.run) byte = static_cast<uint8_t>(random());
  return node;
}

// Room after room, until there is none.
class NewHistory {
 public:
  NewHistory(const freshet_store& store, ClaimAtStart& claim)
      : caller_(kAnswerDeadline), store_(store), claim_(claim) {}

  ExitCode run() {
    for (std::string last;;) {
      const Answer answer = caller_.call([&](freshet_reply reply) {
        store_.new_history(store_.self, to_c(last), kRoomsACall, reply);
      });
      if (answer.status != Status::ok) return failed(answer.status);
      const uint64_t before = rooms_;
      for (const ReplyItem& item : answer.items) {
        if (item.kind != FRESHET_STORE_ROOM) continue;
        ++rooms_;
        last = std::string(as_text(item.bytes));
      }
      if (rooms_ == before) return done();
      if (rooms_ / kEpochsALine != before / kEpochsALine) std::cerr << rooms_ << " rooms\n";
      claim_.renew();
    }
  }

 private:
  ExitCode failed(Status status) const {
    std::cerr << "the store does not do that (" << name_of(status) << "); the log says why. "
              << rooms_ << " rooms have new epochs, which does no harm: run it again\n";
    return exit_code(status);
  }

  ExitCode done() const {
    std::cout << "rooms with a new epoch: " << rooms_ << "\n";
    return kOk;
  }

  Caller caller_;
  const freshet_store& store_;
  ClaimAtStart& claim_;
  uint64_t rooms_ = 0;
};

}  // namespace

ExitCode begin_new_history(const Command& command) {
  SpdLog log(LogFormat::text, FRESHET_WARN, std::cerr);
  if (!command.source().has_served()) return tell_no_manifest();
  Loaded loaded(command.source(), Composition::any, FRESHET_WARN);
  Services services;
  const ExitCode opened = open_store(loaded, {FRESHET_STORE_ID}, services);
  if (opened != kOk) return opened;
  const freshet_store& store = *services.store.table;
  if (!FRESHET_HAS(&store, new_history)) {
    std::cerr << "this store is one server's: `freshet rooms restore` gives its rooms new epochs\n";
    return kFailed;
  }
  const freshet_node self = drawn_node();
  ClaimAtStart claim(store, log);
  const ExitCode claimed =
      claim.take({self, self, "freshet cluster new-history", "stop all servers first"});
  return claimed == kOk ? NewHistory(store, claim).run() : claimed;
}

}  // namespace freshet::cli
