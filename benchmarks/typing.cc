#include "typing.h"

#include <cstdio>
#include <cstdlib>
#include <random>

#include "format/update_v1.h"
#include "freshet/crdt/doc.h"
#include "freshet/crdt/transaction.h"
#include "freshet/crdt/updates.h"
#include "items/client_table.h"

namespace freshet::bench {

namespace {

using crdt::ClientTable;
using crdt::Doc;
using crdt::Transaction;
using Buffer = std::vector<uint8_t>;

constexpr uint64_t kEditor = 1;
constexpr int kBursts = 400;
constexpr int kBurst = 50;

void must(bool ok, const char* what) {
  if (ok) return;
  std::fprintf(stderr, "engine-bench: typing: %s\n", what);
  std::exit(2);
}

// The update as if its clients had had higher ids.
Buffer by_others(Bytes update, uint64_t higher) {
  ClientTable clients(0), others(0);
  crdt::Update parts;
  must(decode_update(update, clients, parts) == Status::ok, "not an update");
  for (uint32_t i = 0; i < clients.size(); ++i) others.intern(clients.id(i) + higher);
  Buffer out;
  write_update(parts, others, out);
  return out;
}

Buffer state_of(const Doc& doc) {
  Buffer state;
  must(doc.diff({}, state) == Status::ok, "does not encode");
  return state;
}

void write_burst(Doc& doc, std::mt19937& random, std::vector<Buffer>& keystrokes) {
  const auto below = [&random](uint64_t n) { return random() % n; };
  uint64_t at = 0;
  for (int i = 0; i < kBurst; ++i) {
    Transaction edit(doc, kEditor);
    const auto text = edit.root("text");
    if (i == 0) at = below(edit.length(text) + 1);
    const bool back = at > 0 && below(4) == 0;
    const char letter = static_cast<char>('a' + below(26));
    must((back ? edit.remove_text(text, --at, 1) : edit.insert(text, at++, {&letter, 1})) ==
             Status::ok,
         "an edit was refused");
    must(static_cast<bool>(edit.commit(keystrokes.emplace_back())), "no update");
  }
}

}  // namespace

Typing typing_in_copies(std::span<const Bytes> history, uint32_t copies) {
  Doc doc;
  for (uint32_t copy = 0; copy < copies; ++copy) {
    for (const Bytes update : history) {
      must(static_cast<bool>(doc.apply(by_others(update, copy + 1))), "refused");
    }
  }
  Typing typing{.document = state_of(doc), .keystrokes = {}};
  std::mt19937 random(1);
  for (int i = 0; i < kBursts; ++i) write_burst(doc, random, typing.keystrokes);
  return typing;
}

std::vector<std::vector<Buffer>> windows_of(const Typing& typing, size_t writers,
                                            size_t keystrokes) {
  // Ids of five bytes, as most are.
  const auto id = [](size_t writer) { return 2'000'000'000 + 7'919'777 * uint64_t{writer}; };
  const std::vector<Bytes> all(typing.keystrokes.begin(), typing.keystrokes.end());
  std::vector<std::vector<Buffer>> windows;
  for (size_t at = 0; at + writers * keystrokes <= all.size();) {
    std::vector<Buffer>& window = windows.emplace_back();
    for (size_t writer = 0; writer < writers; ++writer, at += keystrokes) {
      Buffer squashed;
      must(crdt::squash_updates(std::span(all).subspan(at, keystrokes), squashed) == Status::ok,
           "does not squash");
      window.push_back(by_others(squashed, id(writer)));
    }
  }
  return windows;
}

}  // namespace freshet::bench
