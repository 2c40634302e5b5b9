// plugins/app-webhook/webhook_app.h: listeners over HTTP, for people who write no C++.
//
// What it is told of rooms goes to the store's outbox, and is done with when it is there; a Courier
// takes it to the backend. Rooms without a state of their own are asked for there.
#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <string_view>

#include "app-webhook/dialect/dialect.h"
#include "app-webhook/dialect/last_authors.h"
#include "app-webhook/options/options.h"
#include "app-webhook/sending/clock.h"
#include "app-webhook/sending/courier.h"
#include "freshet/plugin.h"
#include "plugin_version.h"

namespace freshet::webhook {

class WebhookApp final : public App {
 public:
  static constexpr const char* kNeeds[] = {FRESHET_OUTBOX_ID, FRESHET_SERVER_ID};
  static constexpr About kAbout{
      .id = "app-webhook",
      .version = kPluginVersion,
      .summary = "Tells a backend of rooms and users over HTTP, at least once and in order.",
      .settings = kSettings,
      .needs = kNeeds,
  };

  static Options read_settings(Given given, Faults& faults) { return read_options(given, faults); }
  static Result<std::unique_ptr<WebhookApp>> create(
      Host host, Options options, std::unique_ptr<Clock> clock = std::make_unique<SystemClock>());

  AppWants wants() override;
  Status initial_storage(std::string_view room, Reply out) override;
  Status notice(const freshet_notice& notice) override;
  bool settled() override;

 private:
  WebhookApp(Options options, Outbox outbox, Host host, std::unique_ptr<Clock> clock);

  // Who edits the room, and forgets it with the room.
  void follow(const freshet_notice& notice);

  // Puts them into the outbox, for as long as it is worth waiting for. [worker]
  Status keep(std::span<const freshet_outgoing> entries);
  // One attempt; `last_id` of the last.
  Status add(std::span<const freshet_outgoing> entries, uint64_t& last_id) const;

  const Options options_;
  const Outbox outbox_;
  const Host host_;
  const Speech speech_;
  const std::unique_ptr<Clock> clock_;
  Metric lost_;
  LastAuthors authors_;                 // of a dialect that names them
  std::atomic<int> wait_for_place_{0};  // events for which the outbox is full
  std::unique_ptr<Courier> courier_;    // ends first
};

}  // namespace freshet::webhook
