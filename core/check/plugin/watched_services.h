// core/check/plugin/watched_services.h: the functions of each service, by name.
#pragma once

#include "core/check/plugin/watched.h"
#include "freshet/abi/app.h"
#include "freshet/abi/auth.h"
#include "freshet/abi/bus.h"
#include "freshet/abi/crdt.h"
#include "freshet/abi/http.h"
#include "freshet/abi/protocol.h"
#include "freshet/abi/store.h"

namespace freshet::check {

// What a service is called, and all functions of its table.
template <class Table>
struct Service;

#define FRESHET_WATCH(table, service, function) \
  watched.template watch<&table::function>(&table::function, service "." #function)

// Tables grow at their end. A function that is not watched would be called with the wrong `self`.
#define FRESHET_LAST(table, function)                                       \
  static_assert(sizeof(table) == offsetof(table, function) + sizeof(void*), \
                #table " has a function that is not watched below")
FRESHET_LAST(freshet_store, kept_list);
FRESHET_LAST(freshet_auth, mint_as);
FRESHET_LAST(freshet_app, before_edit);
FRESHET_LAST(freshet_http, listeners);
FRESHET_LAST(freshet_bus, publish);
FRESHET_LAST(freshet_crdt, outline);
FRESHET_LAST(freshet_protocol, ended);
#undef FRESHET_LAST

template <>
struct Service<freshet_store> {
  static constexpr const char* kId = FRESHET_STORE_ID;
  static void watch(Watched<freshet_store>& watched) {
    FRESHET_WATCH(freshet_store, "store", load);
    FRESHET_WATCH(freshet_store, "store", append);
    FRESHET_WATCH(freshet_store, "store", replace);
    FRESHET_WATCH(freshet_store, "store", put);
    FRESHET_WATCH(freshet_store, "store", erase);
    FRESHET_WATCH(freshet_store, "store", list);
    FRESHET_WATCH(freshet_store, "store", info);
    FRESHET_WATCH(freshet_store, "store", backup);
    FRESHET_WATCH(freshet_store, "store", check);
    watch_outbox(watched);
    watch_cluster(watched);
    watch_kept(watched);
  }
  static void watch_outbox(Watched<freshet_store>& watched) {
    FRESHET_WATCH(freshet_store, "store", outbox_add);
    FRESHET_WATCH(freshet_store, "store", outbox_list);
    FRESHET_WATCH(freshet_store, "store", outbox_read);
    FRESHET_WATCH(freshet_store, "store", outbox_remove);
    FRESHET_WATCH(freshet_store, "store", outbox_bury);
    FRESHET_WATCH(freshet_store, "store", outbox_revive);
    FRESHET_WATCH(freshet_store, "store", outbox_drop);
    FRESHET_WATCH(freshet_store, "store", outbox_topics);
  }
  static void watch_cluster(Watched<freshet_store>& watched) {
    FRESHET_WATCH(freshet_store, "store", tail);
    FRESHET_WATCH(freshet_store, "store", heads);
    FRESHET_WATCH(freshet_store, "store", node_beat);
    FRESHET_WATCH(freshet_store, "store", node_end);
    FRESHET_WATCH(freshet_store, "store", rooms_open);
    FRESHET_WATCH(freshet_store, "store", rooms_close);
    FRESHET_WATCH(freshet_store, "store", room_nodes);
    FRESHET_WATCH(freshet_store, "store", notices);
    FRESHET_WATCH(freshet_store, "store", notice_remove);
    FRESHET_WATCH(freshet_store, "store", claim);
    FRESHET_WATCH(freshet_store, "store", fold);
    FRESHET_WATCH(freshet_store, "store", new_history);
  }
  static void watch_kept(Watched<freshet_store>& watched) {
    FRESHET_WATCH(freshet_store, "store", kept_read);
    FRESHET_WATCH(freshet_store, "store", kept_write);
    FRESHET_WATCH(freshet_store, "store", kept_list);
  }
};

template <>
struct Service<freshet_auth> {
  static constexpr const char* kId = FRESHET_AUTH_ID;
  static void watch(Watched<freshet_auth>& watched) {
    FRESHET_WATCH(freshet_auth, "auth", identify);
    FRESHET_WATCH(freshet_auth, "auth", mint);
    FRESHET_WATCH(freshet_auth, "auth", mint_as);
  }
};

template <>
struct Service<freshet_app> {
  static constexpr const char* kId = FRESHET_APP_ID;
  static void watch(Watched<freshet_app>& watched) {
    FRESHET_WATCH(freshet_app, "app", wants);
    FRESHET_WATCH(freshet_app, "app", initial_storage);
    FRESHET_WATCH(freshet_app, "app", notice);
    FRESHET_WATCH(freshet_app, "app", procedures);
    FRESHET_WATCH(freshet_app, "app", call);
    FRESHET_WATCH(freshet_app, "app", settled);
    FRESHET_WATCH(freshet_app, "app", before_join);
    FRESHET_WATCH(freshet_app, "app", before_edit);
  }
};

template <>
struct Service<freshet_http> {
  static constexpr const char* kId = FRESHET_HTTP_ID;
  static void watch(Watched<freshet_http>& watched) {
    FRESHET_WATCH(freshet_http, "http", routes);
    FRESHET_WATCH(freshet_http, "http", answer);
  }
};

template <>
struct Service<freshet_bus> {
  static constexpr const char* kId = FRESHET_BUS_ID;
  static void watch(Watched<freshet_bus>& watched) {
    FRESHET_WATCH(freshet_bus, "bus", traits);
    FRESHET_WATCH(freshet_bus, "bus", start);
    FRESHET_WATCH(freshet_bus, "bus", subscribe);
    FRESHET_WATCH(freshet_bus, "bus", unsubscribe);
    FRESHET_WATCH(freshet_bus, "bus", publish);
  }
};

template <>
struct Service<freshet_crdt> {
  static constexpr const char* kId = FRESHET_CRDT_ID;
  static void watch(Watched<freshet_crdt>& watched) {
    FRESHET_WATCH(freshet_crdt, "crdt", doc_create);
    FRESHET_WATCH(freshet_crdt, "crdt", doc_destroy);
    FRESHET_WATCH(freshet_crdt, "crdt", apply);
    FRESHET_WATCH(freshet_crdt, "crdt", state_vector);
    FRESHET_WATCH(freshet_crdt, "crdt", diff);
    FRESHET_WATCH(freshet_crdt, "crdt", json);
    FRESHET_WATCH(freshet_crdt, "crdt", stats);
    FRESHET_WATCH(freshet_crdt, "crdt", merge);
    FRESHET_WATCH(freshet_crdt, "crdt", reencode);
    FRESHET_WATCH(freshet_crdt, "crdt", load);
    FRESHET_WATCH(freshet_crdt, "crdt", edit);
    FRESHET_WATCH(freshet_crdt, "crdt", cost);
    FRESHET_WATCH(freshet_crdt, "crdt", squash);
    FRESHET_WATCH(freshet_crdt, "crdt", knows);
    FRESHET_WATCH(freshet_crdt, "crdt", describe);
    FRESHET_WATCH(freshet_crdt, "crdt", outline);
  }
};

template <>
struct Service<freshet_protocol> {
  static constexpr const char* kId = FRESHET_PROTOCOL_ID;
  static void watch(Watched<freshet_protocol>& watched) {
    FRESHET_WATCH(freshet_protocol, "protocol", routes);
    FRESHET_WATCH(freshet_protocol, "protocol", traits);
    FRESHET_WATCH(freshet_protocol, "protocol", open);
    FRESHET_WATCH(freshet_protocol, "protocol", message);
    FRESHET_WATCH(freshet_protocol, "protocol", close);
    FRESHET_WATCH(freshet_protocol, "protocol", encode);
    FRESHET_WATCH(freshet_protocol, "protocol", close_code);
    FRESHET_WATCH(freshet_protocol, "protocol", merge_presence);
    FRESHET_WATCH(freshet_protocol, "protocol", refusal);
    FRESHET_WATCH(freshet_protocol, "protocol", example);
    FRESHET_WATCH(freshet_protocol, "protocol", authenticated);
    FRESHET_WATCH(freshet_protocol, "protocol", expiring);
    FRESHET_WATCH(freshet_protocol, "protocol", ended);
  }
};

#undef FRESHET_WATCH

}  // namespace freshet::check
