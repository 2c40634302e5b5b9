// plugins/store-postgres/bus/postgres_bus.h: a bus by LISTEN and NOTIFY of a PostgreSQL server.
//
// All of a cluster is one channel; packet.h has what goes over it. A thread with a connection sends
// (sender.h), another listens (listener.h). Nothing waits for either of them: while the server does
// not answer, messages are dropped and counted, and hearers are told that they have missed some.
#pragma once

#include <semaphore>
#include <thread>

#include "freshet/plugin.h"
#include "plugin_version.h"
#include "store-postgres/bus/bus_options.h"
#include "store-postgres/bus/limits.h"
#include "store-postgres/bus/listener.h"
#include "store-postgres/bus/sender.h"
#include "store-postgres/limits.h"

namespace freshet::postgres {

class PostgresBus final : public Bus {
 public:
  static constexpr freshet_setting kSettings[] = {
      setting::required(setting::secret(
          setting::text("url", nullptr,
                        "Where the database is: postgresql://user:password@host:port/database, or "
                        "libpq's list of keywords."))),
      setting::secret(setting::text(
          "listen_url", "",
          "The same database without a pooler between, where `url` has one; empty: `url`.")),
      setting::text("schema", "freshet", "The schema of the store, for messages that are large."),
      setting::text("cluster", "freshet",
                    "The name of the cluster: nodes that say another do not hear these."),
      setting::integer("connect_timeout_ms", "5 s", 2000, kMaxTimeoutMs, "ms",
                       "How long to wait for a host to take a connection; in whole seconds."),
  };
  static constexpr About kAbout{
      .id = "bus-postgres",
      .version = kPluginVersion,
      .summary = "Lets nodes hear each other by LISTEN and NOTIFY of a PostgreSQL database.",
      .settings = kSettings,
  };

  static BusOptions read_settings(Given given, Faults& faults) {
    return read_bus_options(given, faults);
  }
  static Result<std::unique_ptr<PostgresBus>> create(Host host, BusOptions options);
  ~PostgresBus();

  BusTraits traits() override { return {options_.place, kMaxBusMessageBytes, kCheapBytes}; }
  Status start(Hearer hearer) override;
  void subscribe(std::string_view topic, LateReply done) override;
  void unsubscribe(std::string_view topic) override { topics_.remove(topic); }
  Status publish(std::string_view topic, Bytes message) override;

 private:
  PostgresBus(Host host, BusOptions options, const NodeId& node);
  void stop();

  const BusOptions options_;
  const int stop_;  // an eventfd, readable once nothing is waited for any more
  Contact contact_;
  Outgoing outgoing_;
  OwnNote note_;
  Topics topics_;
  Sender sender_;
  Listener listener_;
  std::binary_semaphore all_sent_{0};
  std::jthread sending_, listening_;  // the last: they use all of the above
};

}  // namespace freshet::postgres
