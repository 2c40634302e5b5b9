#include "app-webhook/webhook_app.h"

#include <curl/curl.h>
#include <sodium.h>

#include <random>
#include <semaphore>

#include "app-webhook/dialect/hocuspocus.h"
#include "app-webhook/options/named_files.h"
#include "app-webhook/sending/backoff.h"

namespace freshet::webhook {

Result<std::unique_ptr<WebhookApp>> WebhookApp::create(Host host, Options options,
                                                       std::unique_ptr<Clock> clock) {
  if (sodium_init() < 0 || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
    host.error("libsodium or libcurl does not start");
    return Status::internal;
  }
  FRESHET_CHECK(read_named_files(options, host));
  const auto* table = host.service<freshet_outbox>(FRESHET_OUTBOX_ID);
  if (table == nullptr) {
    host.error("there is no outbox to keep events in");
    return Status::unsupported;
  }
  const auto* server = host.service<freshet_server>(FRESHET_SERVER_ID);
  if (server == nullptr || !FRESHET_HAS(server, state)) {
    host.error("this server does not say what is in its rooms: it is older than this plugin");
    return Status::unsupported;
  }
  std::unique_ptr<WebhookApp> app(
      new WebhookApp(std::move(options), Outbox(table, kAbout.id), host, std::move(clock)));
  app->courier_ = Courier::make(app->options_, app->speech_, app->outbox_, ServerRooms(server),
                                host, *app->clock_);
  if (app->courier_ == nullptr) return Status::internal;
  app->outbox_.watch([](void* arg) { static_cast<Courier*>(arg)->changed(); }, app->courier_.get());
  return app;
}

WebhookApp::WebhookApp(Options options, Outbox outbox, Host host, std::unique_ptr<Clock> clock)
    : options_(std::move(options)),
      outbox_(std::move(outbox)),
      host_(host),
      speech_(options_, host.service<freshet_crdt>(FRESHET_CRDT_ID)),
      clock_(std::move(clock)),
      lost_(host.counter("freshet_webhook_lost_total",
                         "Events that were lost because the store did not take them.")) {}

// No states: an event has the document as it is when the event is sent.
AppWants WebhookApp::wants() {
  return {.notices = options_.notices, .initial_storage = options_.initial_storage};
}

Status WebhookApp::initial_storage(std::string_view room, Reply out) {
  return courier_->initial_storage(room, out);
}

void WebhookApp::follow(const freshet_notice& notice) {
  const std::string_view room = view(notice.room);
  if (notice.kind == FRESHET_ROOM_DELETED) authors_.forget(room);
  const bool edit = notice.kind == FRESHET_ROOM_MESSAGE && notice.message == FRESHET_MESSAGE_UPDATE;
  if (edit) authors_.note(room, context_of(notice.user));
}

Status WebhookApp::notice(const freshet_notice& notice) {
  freshet_notice told = notice;
  std::string author;
  if (options_.dialect == Dialect::hocuspocus) {
    follow(notice);
    if (notice.kind == FRESHET_STORAGE_UPDATED) {
      author = authors_.of(view(notice.room));
      told.user = to_c(author);
    }
  }
  const std::vector<std::string> texts = speech_.entries(told);
  if (texts.empty()) return Status::ok;
  std::vector<freshet_outgoing> entries;
  for (const std::string& text : texts) {
    entries.push_back({notice.room, notice.unix_ms, to_c(as_bytes(text))});
  }
  const Status status = keep(entries);
  if (status != Status::ok) {
    lost_.add(static_cast<int64_t>(entries.size()));
    const bool own = status == Status::too_large;
    courier_->lost(
        view(notice.room),
        own ? "as much of this room waits as one room may have waiting there" : name_of(status));
  }
  return status;
}

bool WebhookApp::settled() { return courier_->settled(); }

// A store that fails is waited for, as is one that is full, but that by a few events only; for a
// room that has its share waiting there is nothing to wait for.
Status WebhookApp::keep(std::span<const freshet_outgoing> entries) {
  const uint64_t until_ms = clock_->now_ms() + static_cast<uint64_t>(options_.store_wait_ms);
  std::minstd_rand random{std::random_device{}()};
  for (uint64_t failures = 1;; ++failures) {
    uint64_t last_id = 0;
    const Status status = add(entries, last_id);
    if (status == Status::ok) courier_->added(last_id, entries.size());
    if (status != Status::retry && status != Status::limit) return status;
    const uint64_t pause_ms = backoff_ms(failures, kStoreRetryMs, kStoreRetryMaxMs, random);
    if (clock_->now_ms() + pause_ms > until_ms) return status;
    const bool full = status == Status::limit;
    const bool may_wait = !full || wait_for_place_.fetch_add(1) < kMaxWaitForPlace;
    if (may_wait) clock_->sleep_ms(pause_ms);
    if (full) wait_for_place_.fetch_sub(1);
    if (!may_wait) return status;
  }
}

Status WebhookApp::add(std::span<const freshet_outgoing> entries, uint64_t& last_id) const {
  Status answer = Status::internal;
  std::binary_semaphore answered{0};
  outbox_.add(entries, [&](Status status, const Outbox::Items& items) {
    for (const Outbox::Item& item : items) {
      if (item.kind == FRESHET_STORE_ENTRY) last_id = item.number;
    }
    answer = status;
    answered.release();
  });
  answered.acquire();
  return answer;
}

}  // namespace freshet::webhook
