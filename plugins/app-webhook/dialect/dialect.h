// plugins/app-webhook/dialect/dialect.h: what is sent for a notice, how it is signed, and what an
// answer means. See docs/app-webhook.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "app-webhook/options/options.h"
#include "freshet/abi/app.h"
#include "freshet/abi/crdt.h"
#include "freshet/result.h"

namespace freshet::webhook {

// How a backend took an event.
enum class Verdict {
  taken,
  refused,      // it says the event is wrong: soon set aside
  unavailable,  // it may take it later
};

// What a backend answered, or why it did not.
struct HttpAnswer {
  std::string failure;  // of the way there, in words; empty: it answered
  long status = 0;
  std::string body;
  bool cut = false;        // the body was longer than we read
  bool no_memory = false;  // for the body
};

struct Judgement {
  Verdict verdict;
  std::string reason;  // for the log and the dead letter
};

class Speech {
 public:
  // Borrows both. `crdt` makes first states of what a backend of Hocuspocus describes; null: there
  // is none, and they come as bytes.
  explicit Speech(const Options& options, const freshet_crdt* crdt = nullptr)
      : options_(options), crdt_(crdt) {}

  // What to keep of a notice until it is sent (entry.h), in order; none if this dialect has no
  // words for it.
  std::vector<std::string> entries(const freshet_notice& notice) const;
  std::string initial_storage(std::string_view room, uint64_t unix_ms) const;

  // The header with the signature of a body, sent at this time.
  std::string signature(std::string_view body, uint64_t unix_ms) const;

  // Whether an event may go without its document, if that cannot be read. To the others it would
  // say that the room is empty.
  bool may_lack_storage() const { return options_.dialect == Dialect::freshet; }

  Judgement judge(const HttpAnswer& answer) const;

  // What a taken answer to initial-storage says: `state`, or Status::not_found for none. Otherwise
  // `reason` says what is wrong with it.
  Status read_initial_storage(const HttpAnswer& answer, std::string& state,
                              std::string& reason) const;

 private:
  bool wants_state(const freshet_notice& notice) const;
  std::vector<std::string> pluv_entries(const freshet_notice& notice) const;
  std::string freshet_entry(const freshet_notice& notice) const;
  std::string id_of(const freshet_notice& notice) const;
  std::vector<std::string> hocuspocus_entries(const freshet_notice& notice) const;
  Status read_hocuspocus_create(const std::string& body, std::string& state,
                                std::string& reason) const;

  const Options& options_;
  const freshet_crdt* crdt_;
};

// What an event of pluv says of the document.
enum class Storage { none, null, when_sent };

// pluv's events as entries, for tests of their bytes; `user`: canonical JSON or none.
std::string pluv_body(std::string_view event, std::string_view room, Storage storage,
                      std::string_view user = {});

}  // namespace freshet::webhook
