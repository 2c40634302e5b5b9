#include "freshet/crdt/awareness.h"

#include <algorithm>
#include <cassert>

#include "freshet/crdt/limits.h"
#include "freshet/format/codec.h"
#include "values/json_text.h"
#include "values/values.h"

namespace freshet::crdt {

namespace {

// The value with the entries of objects sorted, so that equal values are equal bytes. Recursion is
// bounded: valid_json lets nothing through that nests deeper than kMaxValueDepth.
void append_sorted(Reader& in, std::vector<uint8_t>& out) {
  const uint8_t tag = in.rest()[0];
  Writer writer(out);
  if (tag != kAnyArray && tag != kAnyObject) return copy_any(in, writer);
  writer.u8(in.u8());
  const uint64_t count = in.varuint();
  writer.varuint(count);
  if (tag == kAnyArray) {
    for (uint64_t i = 0; i < count; ++i) append_sorted(in, out);
    return;
  }
  std::vector<std::pair<std::string_view, std::vector<uint8_t>>> entries;
  for (uint64_t i = 0; i < count; ++i) {
    auto& [key, value] = entries.emplace_back(in.string(), std::vector<uint8_t>());
    append_sorted(in, value);
  }
  std::sort(entries.begin(), entries.end());
  for (const auto& [key, value] : entries) {
    writer.string(key);
    writer.raw(value);
  }
}

bool same_value(const std::string& a, const std::string& b) {
  if (a == b) return true;
  std::vector<uint8_t> any, sorted[2];
  for (const std::string* json : {&a, &b}) {
    any.clear();
    append_json_as_any(*json, any);
    Reader in(any);
    append_sorted(in, sorted[json == &b ? 1 : 0]);
  }
  return sorted[0] == sorted[1];
}

// The text as JSON.stringify writes its value; none for null.
Status read_state(std::string_view json, std::optional<std::string>& state) {
  state.reset();
  if (json.size() > kMaxAwarenessStateBytes) return Status::too_large;
  size_t budget = kMaxValuesPerUpdate;
  if (!valid_utf8(as_bytes(json)) || !valid_json(json, budget)) return Status::malformed;
  std::vector<uint8_t> any;
  append_json_as_any(json, any);
  if (any[0] == kAnyNull) return Status::ok;
  Reader in(any);
  (void)append_any_json(in, state.emplace());
  return Status::ok;
}

}  // namespace

Awareness::Awareness(uint64_t own, uint64_t now_ms) : own_(own) {
  entries_[own_] = {0, now_ms, "{}"};
}

Result<AwarenessChange> Awareness::set_local(std::optional<std::string_view> json,
                                             uint64_t now_ms) {
  std::optional<std::string> state;
  if (json) FRESHET_CHECK(read_state(*json, state));
  Entry& entry = entries_[own_];
  AwarenessChange change;
  if (!state) {
    change.removed.push_back(own_);
  } else if (!entry.state) {
    change.added.push_back(own_);
  } else {
    change.updated.push_back(own_);
    if (!same_value(*entry.state, *state)) change.changed.push_back(own_);
  }
  entry = {entry.clock + 1, now_ms, std::move(state)};
  return change;
}

Result<AwarenessChange> Awareness::apply(Bytes update, uint64_t now_ms) {
  struct News {
    uint64_t client;
    uint64_t clock;
    std::optional<std::string> state;
  };
  std::vector<News> all;
  Reader in(update);
  const uint64_t count = in.varuint();
  if (!in.ok() || count > in.remaining() / 3) return Status::malformed;
  for (uint64_t i = 0; i < count; ++i) {
    News& news = all.emplace_back();
    news.client = in.varuint();
    news.clock = in.varuint();
    const std::string_view json = in.string();
    if (!in.ok()) return Status::malformed;
    FRESHET_CHECK(read_state(json, news.state));
  }
  if (entries_.size() + all.size() > kMaxAwarenessClients) return Status::limit;

  AwarenessChange change;
  for (News& news : all) {
    const auto [it, unknown] = entries_.try_emplace(news.client);
    Entry& entry = it->second;
    const bool takes_away = !news.state && entry.state && entry.clock == news.clock;
    if (entry.clock >= news.clock && !takes_away) {
      if (unknown) entries_.erase(it);
      continue;
    }
    entry.renewed_ms = now_ms;
    entry.clock = news.clock;
    if (!news.state) {
      // We are still here, and say so with a clock of our own.
      const bool ours = news.client == own_ && entry.state;
      if (ours) {
        ++entry.clock;
      } else {
        entry.state.reset();
      }
      if (!unknown) change.removed.push_back(news.client);
      continue;
    }
    if (unknown) {
      change.added.push_back(news.client);
    } else {
      change.updated.push_back(news.client);
      if (!entry.state || !same_value(*entry.state, *news.state)) {
        change.changed.push_back(news.client);
      }
    }
    entry.state = std::move(news.state);
  }
  return change;
}

AwarenessChange Awareness::remove(const std::vector<uint64_t>& clients, uint64_t now_ms) {
  AwarenessChange change;
  for (const uint64_t client : clients) {
    const auto it = entries_.find(client);
    if (it == entries_.end() || !it->second.state) continue;
    it->second.state.reset();
    if (client == own_) {
      ++it->second.clock;
      it->second.renewed_ms = now_ms;
    }
    change.removed.push_back(client);
  }
  return change;
}

AwarenessChange Awareness::expire(uint64_t now_ms) {
  std::vector<uint64_t> late;
  for (const auto& [client, entry] : entries_) {
    if (client == own_ || !entry.state || now_ms - entry.renewed_ms < kAwarenessTimeoutMs) continue;
    late.push_back(client);
  }
  return remove(late, now_ms);
}

void Awareness::encode(const std::vector<uint64_t>& clients, std::vector<uint8_t>& out) const {
  Writer writer(out);
  writer.varuint(clients.size());
  for (const uint64_t client : clients) {
    const auto it = entries_.find(client);
    assert(it != entries_.end());
    const Entry& entry = it->second;
    writer.varuint(client);
    writer.varuint(entry.clock);
    writer.string(entry.state ? *entry.state : "null");
  }
}

}  // namespace freshet::crdt
