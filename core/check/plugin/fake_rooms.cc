#include "core/check/plugin/fake_rooms.h"

#include <algorithm>
#include <utility>

#include "freshet/sink.h"

namespace freshet::check {
namespace {

uintptr_t number(const void* handle) { return reinterpret_cast<uintptr_t>(handle); }

}  // namespace

freshet_link* FakeRooms::arrive() {
  links_.insert(++last_);
  return reinterpret_cast<freshet_link*>(last_);
}

void FakeRooms::close(freshet_link* link) {
  links_.erase(number(link));
  std::erase_if(sessions_, [&](const auto& one) { return one.second == number(link); });
}

std::vector<FakeRooms::Ticket> FakeRooms::take_questions() {
  return std::exchange(questions_, std::vector<Ticket>());
}

std::vector<freshet_session*> FakeRooms::sessions_of(freshet_link* link) const {
  std::vector<freshet_session*> out;
  for (const auto& [session, of] : sessions_) {
    if (of == number(link)) out.push_back(reinterpret_cast<freshet_session*>(session));
  }
  return out;
}

void FakeRooms::end(freshet_session* session) {
  std::erase_if(sessions_, [&](const auto& one) { return one.first == number(session); });
}

freshet_status FakeRooms::of_session(const char* function, const freshet_session* session) {
  const bool there =
      std::ranges::any_of(sessions_, [&](const auto& one) { return one.first == number(session); });
  if (there) return FRESHET_OK;
  witness_.breach("AsksWithSense",
                  std::string("room.") + function + " was asked of a session that is none");
  return FRESHET_INTERNAL;
}

freshet_status FakeRooms::of_link(const char* function, freshet_link* link) {
  if (links_.contains(number(link))) return FRESHET_OK;
  witness_.breach("AsksWithSense",
                  std::string("room.") + function + " was asked of a connection that is closed");
  return FRESHET_INTERNAL;
}

freshet_status FakeRooms::bytes(const char* function, const void* data, size_t size) {
  if (data != nullptr || size == 0) return FRESHET_OK;
  witness_.breach("AsksWithSense", std::string("room.") + function + " was given " +
                                       std::to_string(size) + " bytes that are none");
  return FRESHET_INTERNAL;
}

freshet_status FakeRooms::join(void* ctx, freshet_link* link, const freshet_join* join,
                               freshet_session** out) {
  FakeRooms& rooms = self(ctx);
  if (const freshet_status status = rooms.of_link("join", link); status != FRESHET_OK) {
    return status;
  }
  if (join->variant >= 8 || join->prefix.size > FRESHET_PREFIX_BYTES) {
    rooms.witness_.breach("AsksWithSense",
                          "room.join was asked with a variant or a prefix that "
                          "is too large");
    return FRESHET_INTERNAL;
  }
  if (join->room.size == 0) return FRESHET_NOT_FOUND;
  rooms.variant_ = join->variant;
  rooms.sessions_.insert({++rooms.last_, number(link)});
  *out = reinterpret_cast<freshet_session*>(rooms.last_);
  return FRESHET_OK;
}

void FakeRooms::leave(void* ctx, freshet_session* session) {
  FakeRooms& rooms = self(ctx);
  if (rooms.of_session("leave", session) != FRESHET_OK) return;
  rooms.end(session);
}

freshet_status FakeRooms::submit_update(void* ctx, freshet_session* session, uint32_t,
                                        freshet_bytes update, uint64_t) {
  FakeRooms& rooms = self(ctx);
  const freshet_status status = rooms.bytes("submit_update", update.data, update.size);
  return status == FRESHET_OK ? rooms.of_session("submit_update", session) : status;
}

freshet_status FakeRooms::submit_presence(void* ctx, freshet_session* session,
                                          const freshet_presence* entries, size_t count) {
  FakeRooms& rooms = self(ctx);
  const freshet_status status = rooms.bytes("submit_presence", entries, count);
  return status == FRESHET_OK ? rooms.of_session("submit_presence", session) : status;
}

freshet_status FakeRooms::query_presence(void* ctx, freshet_session* session) {
  return self(ctx).of_session("query_presence", session);
}

freshet_status FakeRooms::with_format(void* ctx, freshet_session* session, uint32_t,
                                      freshet_bytes data) {
  FakeRooms& rooms = self(ctx);
  const freshet_status status = rooms.bytes("request_diff", data.data, data.size);
  return status == FRESHET_OK ? rooms.of_session("request_diff", session) : status;
}

freshet_status FakeRooms::send(void* ctx, freshet_link* link, freshet_bytes message, int) {
  FakeRooms& rooms = self(ctx);
  const freshet_status status = rooms.bytes("send", message.data, message.size);
  return status == FRESHET_OK ? rooms.of_link("send", link) : status;
}

uint64_t FakeRooms::client(void* ctx, const freshet_session* session) {
  return self(ctx).of_session("client", session) == FRESHET_OK ? number(session) : 0;
}

freshet_status FakeRooms::follow(void* ctx, freshet_session* session, uint32_t) {
  return self(ctx).of_session("follow", session);
}

freshet_status FakeRooms::show(void* ctx, freshet_session* session, freshet_bytes) {
  return self(ctx).of_session("show", session);
}

freshet_status FakeRooms::submit_event(void* ctx, freshet_session* session, freshet_str,
                                       freshet_bytes) {
  return self(ctx).of_session("submit_event", session);
}

freshet_status FakeRooms::call(void* ctx, freshet_session* session, freshet_str, freshet_bytes,
                               uint64_t) {
  return self(ctx).of_session("call", session);
}

void FakeRooms::authenticate(void* ctx, freshet_link* link, freshet_str, freshet_str,
                             uint64_t ticket) {
  FakeRooms& rooms = self(ctx);
  if (rooms.of_link("authenticate", link) == FRESHET_OK) rooms.questions_.push_back({link, ticket});
}

freshet_status FakeRooms::renew(void* ctx, freshet_session* session, const freshet_identity*) {
  return self(ctx).of_session("renew", session);
}

}  // namespace freshet::check
