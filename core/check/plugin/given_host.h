// core/check/plugin/given_host.h: the host that a plugin which is checked is given.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "core/check/run/witness.h"
#include "core/config/settings.h"
#include "core/report/metrics.h"
#include "freshet/abi/plugin.h"

namespace freshet::check {

// Keeps the log, and notes what no plugin should ask. Outlives the plugin.
class GivenHost {
 public:
  GivenHost(const std::vector<freshet_setting>& schema, Settings settings, Witness& witness)
      : schema_(schema), settings_(std::move(settings)), witness_(witness) {}
  GivenHost(const GivenHost&) = delete;
  GivenHost& operator=(const GivenHost&) = delete;

  void offer(const std::string& id, const void* table) { services_[id] = table; }
  const freshet_host* table() const { return &c_; }
  // Its end, if it is long.
  std::string log() const;
  // No [main] function may be asked any more.
  void created() { creating_ = false; }

 private:
  static GivenHost& self(void* ctx) { return *static_cast<GivenHost*>(ctx); }
  static void write(void* ctx, freshet_level level, freshet_str message);
  static freshet_status setting(void* ctx, const char* key, freshet_value* out);
  static const void* service(void* ctx, const char* id);
  static freshet_metric* metric(void* ctx, freshet_metric_kind kind, const char* name,
                                const char* help);
  void only_while_created(const char* function);

  const std::vector<freshet_setting>& schema_;
  Settings settings_;
  Witness& witness_;
  std::map<std::string, const void*> services_;
  std::atomic<bool> creating_ = true;
  mutable std::mutex mutex_;
  std::string log_;
  Metrics metrics_;
  const freshet_host c_{
      .size = sizeof(freshet_host),
      .abi = FRESHET_ABI_VERSION,
      .ctx = this,
      .log = write,
      .setting = setting,
      .service = service,
      .metric = metric,
      .metric_add = [](freshet_metric* metric, int64_t by) { metric->add(by); },
      .metric_set = [](freshet_metric* metric, int64_t value) { metric->set(value); },
  };
};

}  // namespace freshet::check
