#include "core/shards/links.h"

#include <string>

#include "core/config/limits_schema.h"
#include "freshet/abi/close.h"

namespace freshet {
namespace {

constexpr uint32_t kLinksTickMs = 1'000;
constexpr std::string_view kRestarts = "the server restarts";

}  // namespace

Links::Links(const Parts& parts, OverMetrics& over, SentAway& sent_away, Log& log)
    : Home(parts),
      over_(over),
      sent_away_(sent_away),
      hasty_(log, "address", "asks plugins' routes for more than "),
      hasty_users_(log, "user", "a connection was closed for more than "),
      thrown_(log, "plugin", "threw ") {}

void Links::start_ticking() {
  loop().post([](void* self) { static_cast<Links*>(self)->tick(); }, this);
}

void Links::tick() {
  const OnShard here(loop().shard());
  const uint64_t now_ms = loop().now_ms(), unix_ms = loop().unix_ms();
  for (const auto& [id, link] : links_) link->tick(now_ms, unix_ms);
  loop().after(kLinksTickMs, [](void* self) { static_cast<Links*>(self)->tick(); }, this);
}

void Links::open(std::unique_ptr<Link> link, freshet_conn* conn) {
  assert_on(loop().shard());
  Link& opened = *link;
  const uint64_t id = next_id();
  links_.emplace(id, std::move(link));
  opened.open(id, conn);
  if (restarting_) opened.close(FRESHET_CLOSE_RESTART, kRestarts);
}

void Links::remove(Link& link) {
  assert_on(loop().shard());
  link.closed();
  links_.erase(link.id());
}

void Links::send_away() {
  for (const auto& [id, link] : links_) link->close(FRESHET_CLOSE_RESTART, kRestarts);
}

Link* Links::find(uint64_t id) const {
  assert_on(loop().shard());
  const auto it = links_.find(id);
  return it == links_.end() ? nullptr : it->second.get();
}

void Links::deliver(uint64_t id, MemberId session, const Frames& frames, Bytes prefix, bool text) {
  if (Link* link = find(id)) link->deliver(session, frames, prefix, text);
}

void Links::close(uint64_t id, uint16_t code, std::string_view reason) {
  if (Link* link = find(id)) link->close(code, reason);
}

void Links::end(uint64_t id, MemberId session, uint16_t code, std::string_view reason) {
  if (Link* link = find(id)) link->end(session, code, reason);
}

void Links::finish(uint64_t id, MemberId session, uint16_t code, std::string_view reason) {
  if (Link* link = find(id)) link->finish(session, code, reason);
}

void Links::identified(uint64_t id, uint64_t ticket, const Identification::Answer& answer) {
  if (Link* link = find(id)) link->identified(ticket, answer);
}

void Links::pause_reading(uint64_t id, uint32_t ms) {
  if (Link* link = find(id)) link->pause_reading(ms);
}

void Links::note_thrown(std::string_view function, std::string_view what) {
  thrown_.note(function, what, loop().now_ms());
}

void Links::note_over(Over over, std::string_view user_id) {
  over_.count(over);
  if (!is_of_user(over)) return;
  const std::string_view key = key_of(over);
  hasty_users_.note(user_id, std::string(key) + ", " + std::to_string(limit_value(limits(), key)),
                    loop().now_ms());
}

void Links::note_sent_away(const SentAway::One& one) { sent_away_.note(one, loop().now_ms()); }

void Links::note_hasty(std::string_view peer) {
  hasty_.note(peer,
              "http_requests_per_second, " + std::to_string(limits().http_requests_per_second),
              loop().now_ms());
}

}  // namespace freshet
