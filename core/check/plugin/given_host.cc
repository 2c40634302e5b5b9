#include "core/check/plugin/given_host.h"

#include <algorithm>
#include <cstring>

#include "core/check/limits.h"
#include "core/report/printable.h"
#include "freshet/sink.h"

namespace freshet::check {

std::string GivenHost::log() const {
  const std::lock_guard lock(mutex_);
  return log_;
}

void GivenHost::write(void* ctx, freshet_level level, freshet_str message) {
  if (level < FRESHET_INFO) return;
  const std::lock_guard lock(self(ctx).mutex_);
  std::string& log = self(ctx).log_;
  log += printable(view(message)) + "\n";
  if (log.size() > kMaxLogBytes) log.erase(0, log.size() - kMaxLogBytes);
}

void GivenHost::only_while_created(const char* function) {
  if (creating_) return;
  witness_.breach("AsksInCreate", std::string("host.") + function +
                                      " was called after create: it is for [main] alone");
}

freshet_status GivenHost::setting(void* ctx, const char* key, freshet_value* out) {
  GivenHost& host = self(ctx);
  host.only_while_created("setting");
  const freshet_value* found = host.settings_.find(key);
  const bool declared = std::ranges::any_of(
      host.schema_, [&](const freshet_setting& one) { return std::strcmp(one.key, key) == 0; });
  if (!declared) {
    host.witness_.breach("AsksInCreate",
                         std::string("asked for a setting that it does not declare: ") + key);
  }
  if (found == nullptr) return FRESHET_NOT_FOUND;
  const uint32_t size = out->size;
  std::memcpy(out, found, std::min<size_t>(size, sizeof(*found)));
  out->size = size;
  return FRESHET_OK;
}

const void* GivenHost::service(void* ctx, const char* id) {
  GivenHost& host = self(ctx);
  host.only_while_created("service");
  const auto found = host.services_.find(id);
  return found == host.services_.end() ? nullptr : found->second;
}

freshet_metric* GivenHost::metric(void* ctx, freshet_metric_kind kind, const char* name,
                                  const char* help) {
  GivenHost& host = self(ctx);
  host.only_while_created("metric");
  freshet_metric* out = host.metrics_.get(kind, name, help);
  if (out == nullptr) {
    host.witness_.breach("AsksInCreate",
                         std::string("wants a metric under a name that is none: ") + name);
  }
  return out;
}

}  // namespace freshet::check
