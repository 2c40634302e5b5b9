// plugins/bus-redis/redis_bus.h: a bus by PUBLISH and SUBSCRIBE of a Redis server.
//
// One channel for each topic. A thread with a connection publishes (publisher.h), another is
// subscribed (subscriber.h). Nothing waits for either of them: while the server does not answer,
// messages are dropped and counted, and hearers are told that they have missed some.
#pragma once

#include <memory>
#include <string>
#include <thread>

#include "bus-redis/limits.h"
#include "bus-redis/options.h"
#include "bus-redis/publisher.h"
#include "bus-redis/subscriber.h"
#include "freshet/plugin.h"
#include "plugin_version.h"

namespace freshet::redis {

class RedisBus final : public Bus {
 public:
  static constexpr freshet_setting kSettings[] = {
      setting::required(setting::secret(setting::text(
          "url", nullptr,
          "Where Redis is: redis://user:password@host:port, or unix:/path of its socket."))),
      setting::text("cluster", "freshet",
                    "The name of the cluster: nodes that say another do not hear these."),
      setting::integer("connect_timeout_ms", "5 s", 100, kMaxConnectMs, "ms",
                       "How long to wait for the server to take a connection."),
  };
  static constexpr About kAbout{
      .id = "bus-redis",
      .version = kPluginVersion,
      .summary = "Lets nodes hear each other by PUBLISH and SUBSCRIBE of a Redis server.",
      .settings = kSettings,
  };

  static Options read_settings(Given given, Faults& faults) { return read_options(given, faults); }
  static Result<std::unique_ptr<RedisBus>> create(Host host, Options options) {
    return std::unique_ptr<RedisBus>(new RedisBus(host, std::move(options)));
  }
  ~RedisBus() { stop(); }

  BusTraits traits() override { return {place_, kMaxMessageBytes, kCheapBytes}; }
  Status start(Hearer hearer) override;
  void subscribe(std::string_view topic, LateReply done) override;
  void unsubscribe(std::string_view topic) override { subscriber_.unsubscribe(topic); }
  Status publish(std::string_view topic, Bytes message) override;

 private:
  RedisBus(Host host, Options options);
  void stop();

  const Options options_;
  const std::string place_;
  Contact contact_;
  Outgoing outgoing_;
  Publisher publisher_;
  Subscriber subscriber_;
  std::jthread publishing_, listening_;  // the last: they use all of the above
};

}  // namespace freshet::redis
