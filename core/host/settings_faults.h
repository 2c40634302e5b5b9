// core/host/settings_faults.h: what a plugin itself finds wrong with its settings, as mistakes of
// the manifest.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/config/manifest.h"
#include "core/report/log.h"
#include "core/report/problems.h"
#include "freshet/abi/plugin.h"
#include "freshet/sink.h"

namespace freshet {

// Collects while one plugin judges, and believes nothing it is handed. [main]
class SettingsFaults {
 public:
  // `schema` and `entry` are of the plugin `id`; all outlive this.
  SettingsFaults(std::string_view id, std::span<const freshet_setting> schema,
                 const Manifest::Plugin& entry, Log& log, Problems& problems)
      : id_(id), schema_(schema), entry_(entry), log_(log), problems_(problems) {}
  SettingsFaults(const SettingsFaults&) = delete;
  SettingsFaults& operator=(const SettingsFaults&) = delete;

  const freshet_faults* c() const { return &c_; }

  // The plugin has answered.
  void end(Status status);

 private:
  void add(std::string_view key, std::string_view reason);
  bool declares(std::string_view key) const;
  std::string shown(std::string_view reason) const;

  std::string_view id_;
  std::span<const freshet_setting> schema_;
  const Manifest::Plugin& entry_;
  Log& log_;
  Problems& problems_;
  size_t told_ = 0;
  const freshet_faults c_ = {.size = sizeof(freshet_faults),
                             .ctx = this,
                             .add = [](void* ctx, freshet_str key, freshet_str reason) {
                               auto& self = *static_cast<SettingsFaults*>(ctx);
                               const auto text = [](freshet_str one) {
                                 return one.data == nullptr ? std::string_view()
                                                            : std::string_view(one.data, one.size);
                               };
                               static_cast<void>(if_memory([&] {
                                 self.add(text(key), text(reason));
                                 return Status::ok;
                               }));
                             }};
};

}  // namespace freshet
