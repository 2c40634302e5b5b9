#include "core/cli/stored/claim_at_start.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "core/cluster/store_claim.h"
#include "core/report/printable.h"
#include "freshet/store.h"

namespace freshet::cli {
namespace {

constexpr std::chrono::seconds kAnswerIn{30};
constexpr std::chrono::milliseconds kAskAgain{250};
// More than the claim of a server lasts that died just now.
constexpr std::chrono::milliseconds kClaimEndsIn{kStoreClaimMs + kRenewClaimMs};

std::string why(const ClaimAtStart::Claimant& claimant) {
  if (claimant.way_out != nullptr) return claimant.way_out;
  return claimant.alone() ? "without a bus plugin, by which they hear of each other's edits, one "
                            "server may at a time"
                          : "it names no bus plugin, or another bus than this one: all of a "
                            "cluster name the same";
}

}  // namespace

ClaimAtStart::ClaimAtStart(const freshet_store& store, Log& log)
    : caller_(kAnswerIn), store_(store), log_(log) {}

ClaimAtStart::~ClaimAtStart() {
  if (known_) end(self_.node);
}

void ClaimAtStart::end(const freshet_node& node) {
  caller_.call([&](freshet_reply reply) { store_.node_end(store_.self, node, 0, reply); });
}

Answer ClaimAtStart::beat() {
  Answer answer = caller_.call([&](freshet_reply reply) {
    store_.node_beat(store_.self, self_.node, to_c(as_bytes(self_.about)), reply);
  });
  known_ = known_ || answer.status == Status::ok;
  return answer;
}

// What the other nodes say of themselves, once the store knows this one.
std::string ClaimAtStart::others() {
  const Answer all = beat();
  std::string names;
  bool is_other = false;
  for (const ReplyItem& item : all.items) {
    if (item.kind == FRESHET_STORE_NODE) {
      is_other = !std::ranges::equal(item.bytes, self_.node.run);
    } else if (item.kind == FRESHET_STORE_ABOUT && is_other) {
      names += (names.empty() ? "" : "; ") + printable(as_text(item.bytes));
    }
  }
  return names.empty() ? "of which nothing else is known" : names;
}

void ClaimAtStart::end_others() {
  const Answer all = beat();
  for (const ReplyItem& item : all.items) {
    freshet_node node{};
    if (item.kind != FRESHET_STORE_NODE || item.bytes.size() != sizeof(node.run)) continue;
    std::ranges::copy(item.bytes, node.run);
    if (!same(node, self_.node)) end(node);
  }
}

Status ClaimAtStart::claim() {
  return caller_
      .call([&](freshet_reply reply) {
        store_.claim(store_.self, to_c(kStoreClaim), self_.claims_as, kStoreClaimMs, reply);
      })
      .status;
}

ExitCode ClaimAtStart::take(const Claimant& claimant) {
  if (!is_shared(store_)) return kOk;
  self_ = claimant;
  const std::string names = others();
  const auto until = std::chrono::steady_clock::now() + kClaimEndsIn;
  for (bool told = false; true; std::this_thread::sleep_for(kAskAgain)) {
    const Status status = claim();
    if (status == Status::ok) break;
    if (status != Status::conflict) {
      log_.error("server", "the store does not answer: " + std::string(name_of(status)));
      return exit_code(status);
    }
    if (std::chrono::steady_clock::now() > until) {
      log_.error("server", "another server works on this store (" + names + "): " + why(claimant));
      return kBusy;
    }
    if (!told) log_.info("server", "waits for the store, which another server has had: " + names);
    told = true;
  }
  if (claimant.alone()) end_others();
  return kOk;
}

}  // namespace freshet::cli
