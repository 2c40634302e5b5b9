#include "store-postgres/bus/tests/test_bus.h"

namespace freshet::postgres {

TestBus::TestBus(const Setting& setting) : host_(PostgresBus::kSettings) {
  host_.set("url", setting.url);
  host_.set("listen_url", setting.listen_url);
  host_.set("schema", setting.schema);
  host_.set("cluster", setting.cluster);
  auto made = make_plugin<PostgresBus>(host_.host());
  if (!made) return;
  plugin_ = *std::move(made);
  bound_.emplace(static_cast<Bus&>(*plugin_), host_.host());
  caller_.emplace(bound_->table());
}

bool flows(BusCaller& from, BusCaller& to, const std::string& topic) {
  static int count = 0;
  const std::string mark = "mark " + std::to_string(++count);
  return comes_true([&] {
    static_cast<void>(from.publish(topic, mark));
    const Messages heard = to.heard(topic);
    return std::ranges::find(heard, mark) != heard.end();
  });
}

}  // namespace freshet::postgres
