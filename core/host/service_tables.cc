#include "core/host/service_tables.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "core/host/limits.h"
#include "freshet/abi.h"

namespace freshet {
namespace {

// A pointer that every provider fills in.
struct Member {
  const char* name;
  size_t offset;
};

struct Service {
  std::string_view id;
  std::string_view usual;
  size_t size;  // of the oldest table this server accepts
  std::span<const Member> members;
};

#define FRESHET_MEMBER(table, name) \
  Member { #name, offsetof(table, name) }

constexpr Member kPlatform[] = {
    FRESHET_MEMBER(freshet_platform, shards),     FRESHET_MEMBER(freshet_platform, start),
    FRESHET_MEMBER(freshet_platform, run),        FRESHET_MEMBER(freshet_platform, finish),
    FRESHET_MEMBER(freshet_platform, now_ms),     FRESHET_MEMBER(freshet_platform, unix_ms),
    FRESHET_MEMBER(freshet_platform, random),     FRESHET_MEMBER(freshet_platform, post),
    FRESHET_MEMBER(freshet_platform, post_after), FRESHET_MEMBER(freshet_platform, queue_create),
    FRESHET_MEMBER(freshet_platform, queue_push), FRESHET_MEMBER(freshet_platform, respond),
    FRESHET_MEMBER(freshet_platform, accept),     FRESHET_MEMBER(freshet_platform, body_create),
    FRESHET_MEMBER(freshet_platform, body_ref),   FRESHET_MEMBER(freshet_platform, body_unref),
    FRESHET_MEMBER(freshet_platform, send),       FRESHET_MEMBER(freshet_platform, close),
};
constexpr Member kProtocol[] = {
    FRESHET_MEMBER(freshet_protocol, routes), FRESHET_MEMBER(freshet_protocol, traits),
    FRESHET_MEMBER(freshet_protocol, open),   FRESHET_MEMBER(freshet_protocol, message),
    FRESHET_MEMBER(freshet_protocol, close),  FRESHET_MEMBER(freshet_protocol, encode),
};
constexpr Member kCrdt[] = {
    FRESHET_MEMBER(freshet_crdt, name),         FRESHET_MEMBER(freshet_crdt, doc_create),
    FRESHET_MEMBER(freshet_crdt, doc_destroy),  FRESHET_MEMBER(freshet_crdt, apply),
    FRESHET_MEMBER(freshet_crdt, state_vector), FRESHET_MEMBER(freshet_crdt, diff),
    FRESHET_MEMBER(freshet_crdt, json),         FRESHET_MEMBER(freshet_crdt, stats),
    FRESHET_MEMBER(freshet_crdt, merge),        FRESHET_MEMBER(freshet_crdt, reencode),
    FRESHET_MEMBER(freshet_crdt, load),
};
constexpr Member kAuth[] = {
    FRESHET_MEMBER(freshet_auth, identify),
    FRESHET_MEMBER(freshet_auth, mint),
};
constexpr Member kStore[] = {
    FRESHET_MEMBER(freshet_store, load),    FRESHET_MEMBER(freshet_store, append),
    FRESHET_MEMBER(freshet_store, replace), FRESHET_MEMBER(freshet_store, put),
    FRESHET_MEMBER(freshet_store, erase),   FRESHET_MEMBER(freshet_store, list),
    FRESHET_MEMBER(freshet_store, info),
};
constexpr Member kBus[] = {
    FRESHET_MEMBER(freshet_bus, traits),    FRESHET_MEMBER(freshet_bus, start),
    FRESHET_MEMBER(freshet_bus, subscribe), FRESHET_MEMBER(freshet_bus, unsubscribe),
    FRESHET_MEMBER(freshet_bus, publish),
};
constexpr Member kHttp[] = {
    FRESHET_MEMBER(freshet_http, routes),
    FRESHET_MEMBER(freshet_http, answer),
};
constexpr Member kApp[] = {
    FRESHET_MEMBER(freshet_app, wants),
    FRESHET_MEMBER(freshet_app, initial_storage),
    FRESHET_MEMBER(freshet_app, notice),
};

#undef FRESHET_MEMBER

constexpr Service kServices[] = {
    {FRESHET_PLATFORM_ID, "platform-ws", sizeof(freshet_platform), kPlatform},
    // Without what the first page shows.
    {FRESHET_PROTOCOL_ID, "protocol-yjs", offsetof(freshet_protocol, example), kProtocol},
    {FRESHET_CRDT_ID, "crdt-native", offsetof(freshet_crdt, knows), kCrdt},
    {FRESHET_AUTH_ID, "auth-jwt", sizeof(freshet_auth), kAuth},
    // Without what an outbox takes.
    {FRESHET_STORE_ID, "store-sqlite", offsetof(freshet_store, outbox_add), kStore},
    {FRESHET_BUS_ID, "bus-postgres", sizeof(freshet_bus), kBus},
    // Without where its routes are.
    {FRESHET_HTTP_ID, "", offsetof(freshet_http, listeners), kHttp},
    {FRESHET_APP_ID, "", offsetof(freshet_app, settled), kApp},
};

const Service* find(std::string_view id) {
  for (const Service& service : kServices) {
    if (service.id == id) return &service;
  }
  return nullptr;
}

}  // namespace

std::string table_fault(std::string_view id, const void* table) {
  if (table == nullptr) return "gives no table for it";
  const Service* service = find(id);
  if (service == nullptr) return "";
  uint32_t size = 0;  // first in every table
  std::memcpy(&size, table, sizeof(size));
  if (size < service->size || size > kMaxTableBytes) {
    return "gives a table of " + std::to_string(size) + " bytes, and it has " +
           std::to_string(service->size);
  }
  for (const Member& member : service->members) {
    const void* pointer = nullptr;  // data or function: the same size where dlopen() exists
    std::memcpy(static_cast<void*>(&pointer), static_cast<const char*>(table) + member.offset,
                sizeof(pointer));
    if (pointer == nullptr) return std::string("gives a table without ") + member.name;
  }
  return "";
}

bool known_service(std::string_view id) {
  return find(id) != nullptr || id == FRESHET_ROOM_ID || id == FRESHET_OUTBOX_ID ||
         id == FRESHET_SERVER_ID;
}

std::string_view usual_provider(std::string_view id) {
  const Service* service = find(id);
  return service == nullptr ? std::string_view{} : service->usual;
}

}  // namespace freshet
