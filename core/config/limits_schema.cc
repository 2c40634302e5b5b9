#include "core/config/limits_schema.h"

#include <algorithm>
#include <array>
#include <type_traits>

namespace freshet {
namespace {

constexpr int64_t kKiB = int64_t{1} << 10;
constexpr int64_t kMiB = int64_t{1} << 20;
constexpr int64_t kGiB = int64_t{1} << 30;
constexpr int64_t kHour = 3'600'000;
constexpr int64_t kMostInASecond = 10'000'000;

// A field of Limits is a size_t or, for times, a uint32_t.
struct Field {
  freshet_setting setting;
  size_t Limits::* size = nullptr;
  uint32_t Limits::* time = nullptr;
};

constexpr freshet_setting schema(const char* key, int64_t min, int64_t max, const char* unit,
                                 const char* help) {
  return {key, FRESHET_INT, 0, nullptr, min, max, nullptr, unit, help};
}
constexpr Field count(size_t Limits::* field, const char* key, int64_t min, int64_t max,
                      const char* help) {
  return {schema(key, min, max, nullptr, help), field, nullptr};
}
constexpr Field bytes(size_t Limits::* field, const char* key, int64_t min, int64_t max,
                      const char* help) {
  return {schema(key, min, max, "bytes", help), field, nullptr};
}
constexpr Field bytes_in_a_second(size_t Limits::* field, const char* key, const char* help) {
  return {schema(key, 0, 64 * kGiB, "bytes", help), field, nullptr};
}
constexpr Field time(uint32_t Limits::* field, const char* key, int64_t min, int64_t max,
                     const char* help) {
  return {schema(key, min, max, "ms", help), nullptr, field};
}

constexpr auto kFields = std::to_array<Field>({
    bytes(&Limits::room_name_bytes, "room_name_bytes", 1, 4 * kKiB, "Longest name of a room."),
    count(&Limits::rooms, "rooms", 1, 10'000'000, "Rooms in memory at once, whole server."),
    count(&Limits::sessions_per_room, "sessions_per_room", 1, 1'000'000,
          "Connections in one room."),
    count(&Limits::sessions_per_connection, "sessions_per_connection", 1, 10'000,
          "Rooms one connection may be in."),
    count(&Limits::contradictions_per_session, "contradictions_per_session", 0, 1'000'000,
          "A connection that writes under a client id that another copy of its document writes "
          "under is closed after so many updates that show it; 0: never."),

    count(&Limits::messages_per_second, "messages_per_second", 0, kMostInASecond,
          "Messages of one connection, on average over ten seconds; past it, it is closed. 0: any "
          "number."),
    bytes_in_a_second(
        &Limits::bytes_per_second, "bytes_per_second",
        "What one connection sends, on average over ten seconds; past it, it is closed. 0: any "
        "number."),
    count(&Limits::user_messages_per_second, "user_messages_per_second", 0, kMostInASecond,
          "Messages of one user over all its connections, on average over ten seconds; past it, "
          "the connection that sends more is closed. 0: any number."),
    bytes_in_a_second(
        &Limits::user_bytes_per_second, "user_bytes_per_second",
        "What one user sends over all its connections, on average over ten seconds; past it, the "
        "connection that sends more is closed. 0: any number."),
    count(&Limits::user_joins_per_second, "user_joins_per_second", 0, kMostInASecond,
          "Rooms one user joins, on average over ten seconds; past it, the connection that would "
          "join is closed. 0: any number."),
    count(&Limits::room_messages_per_second, "room_messages_per_second", 0, kMostInASecond,
          "What is sent into one room (edits, presence, events, questions), on average over ten "
          "seconds; past it, who sends more is read later. 0: any number."),
    bytes_in_a_second(
        &Limits::room_bytes_per_second, "room_bytes_per_second",
        "The same in bytes: on average over ten seconds; past it, who sends more is read later. "
        "0: any number."),
    count(&Limits::room_joins_per_second, "room_joins_per_second", 0, kMostInASecond,
          "Sessions that join one room, on average over ten seconds; past it, the connection that "
          "would join is closed, and may come back. 0: any number."),
    count(&Limits::http_requests_per_second, "http_requests_per_second", 1, kMostInASecond,
          "Requests of one address to routes of plugins, on average over ten seconds; more are "
          "answered 429."),

    bytes(&Limits::loading_bytes, "loading_bytes", kKiB, kGiB,
          "Per room: what may wait while it is being loaded."),
    bytes(&Limits::unsaved_bytes, "unsaved_bytes", kMiB, 64 * kGiB,
          "Whole server: edits not yet on disk; past it, edits are refused."),
    bytes(&Limits::reader_bytes, "reader_bytes", kKiB, kGiB,
          "Per connection: past it a slow reader gets one diff later instead of every update."),
    bytes(&Limits::reader_hard_bytes, "reader_hard_bytes", kKiB, 4 * kGiB,
          "Per connection: past it a slow reader is closed."),

    bytes(&Limits::update_bytes, "update_bytes", kKiB, 64 * kMiB, "Largest single update."),
    bytes(&Limits::document_bytes, "document_bytes", 64 * kKiB, 64 * kGiB,
          "Memory of one document; past it, its edits are refused."),
    bytes(&Limits::documents_bytes, "documents_bytes", kMiB, 1024 * kGiB,
          "Memory of all documents, whole server; past it, edits and loads are refused for now."),
    bytes(
        &Limits::memory_bytes, "memory_bytes", 0, 1024 * kGiB,
        "Memory of the server; near it idle documents leave, past it nobody is let in; 0: 80 % of "
        "what the system lets it have."),
    bytes(&Limits::http_body_bytes, "http_body_bytes", 0, kGiB,
          "Body of a request to a plugin's route on a public listener; more is answered 413."),
    bytes(&Limits::turn_bytes, "turn_bytes", kKiB, 64 * kMiB,
          "Longer updates are applied on a worker; their room waits, other rooms do not."),

    bytes(&Limits::presence_bytes, "presence_bytes", 64, 16 * kMiB, "Largest presence entry."),
    count(&Limits::presence_per_session, "presence_per_session", 1, 10'000,
          "Presence entries one connection may hold."),
    bytes(&Limits::presence_session_bytes, "presence_session_bytes", 64, 16 * kMiB,
          "Presence of one connection."),
    bytes(&Limits::presence_room_bytes, "presence_room_bytes", kKiB, kGiB,
          "Presence of one room; a newcomer gets all of it at once."),
    count(&Limits::presence_per_room, "presence_per_room", 1, 1'000'000,
          "Presence entries of one room."),

    bytes(&Limits::batch_bytes, "batch_bytes", 4 * kKiB, kGiB,
          "Most bytes written to the store as one unit."),
    count(&Limits::batch_updates, "batch_updates", 1, 1'000'000,
          "Most updates written to the store as one unit."),
    count(&Limits::compact_updates, "compact_updates", 1, 1'000'000,
          "Stored updates of a room before a snapshot replaces them."),
    bytes(&Limits::compact_bytes, "compact_bytes", kKiB, 4 * kGiB,
          "Stored update bytes of a room before a snapshot replaces them."),

    bytes(&Limits::app_bytes, "app_bytes", 64 * kKiB, 64 * kGiB,
          "Per app: what waits to be told to it; past it, notices are dropped and counted."),
    bytes(&Limits::room_storage_bytes, "room_storage_bytes", kKiB, 64 * kMiB,
          "One value that an app keeps beside a room."),

    time(&Limits::linger_ms, "linger_ms", 0, 24 * kHour, "An empty room stays in memory so long."),
    time(&Limits::hibernate_after_ms, "hibernate_after_ms", 0, 24 * kHour,
         "A room whose document nobody touches for so long lets go of it, while its connections "
         "stay; 0: never."),
    time(&Limits::store_deadline_ms, "store_deadline_ms", 100, kHour,
         "The store has so long to answer one call."),
    time(&Limits::auth_deadline_ms, "auth_deadline_ms", 100, kHour,
         "Auth has so long to answer one call."),
    time(&Limits::http_deadline_ms, "http_deadline_ms", 100, kHour,
         "A plugin's route has so long to answer."),
    time(&Limits::app_deadline_ms, "app_deadline_ms", 100, kHour,
         "An app has so long to answer one call."),
    time(&Limits::veto_timeout_ms, "veto_timeout_ms", 10, kHour,
         "An app that may refuse edits or joins has so long to say so; they wait meanwhile."),
    time(&Limits::app_storage_ms, "app_storage_ms", 0, 24 * kHour,
         "Apps hear that a room's document changed at most once in so long."),
    time(&Limits::retry_min_ms, "retry_min_ms", 1, kHour,
         "A failing store is tried again after so long, doubling each time."),
    time(&Limits::retry_max_ms, "retry_max_ms", 1, kHour,
         "A failing store is tried again at least so often."),
});

// A field that is added to Limits without a line above stops the build here.
constexpr size_t bytes_of_fields() {
  size_t sum = 0;
  for (const Field& field : kFields) sum += field.size != nullptr ? sizeof(size_t) : 4;
  return (sum + alignof(Limits) - 1) / alignof(Limits) * alignof(Limits);
}
static_assert(bytes_of_fields() == sizeof(Limits), "a limit has no line in kFields");

constexpr auto kSchema = [] {
  std::array<freshet_setting, kFields.size()> out{};
  for (size_t i = 0; i < out.size(); ++i) out[i] = kFields[i].setting;
  return out;
}();

}  // namespace

std::span<const freshet_setting> limits_schema() { return kSchema; }

Limits read_limits(const WrittenTable& written, const Section& section, Problems& problems) {
  const Settings settings = Settings::check(kSchema, written, section, problems);
  Limits out;
  for (const Field& field : kFields) {
    const freshet_value* value = settings.find(field.setting.key);
    if (value == nullptr) continue;
    if (field.size != nullptr) out.*field.size = static_cast<size_t>(value->number);
    if (field.time != nullptr) out.*field.time = static_cast<uint32_t>(value->number);
  }
  const auto above = [&](const char* low, const char* high) {
    if (limit_value(out, low) <= limit_value(out, high)) return;
    problems.add(section.line, section.name + "." + low, std::string("is above ") + high);
  };
  above("reader_bytes", "reader_hard_bytes");
  above("retry_min_ms", "retry_max_ms");
  above("update_bytes", "document_bytes");
  return out;
}

int64_t limit_value(const Limits& limits, std::string_view key) {
  const auto field = std::find_if(kFields.begin(), kFields.end(),
                                  [&](const Field& f) { return key == f.setting.key; });
  return field->size != nullptr ? static_cast<int64_t>(limits.*field->size) : limits.*field->time;
}

}  // namespace freshet
