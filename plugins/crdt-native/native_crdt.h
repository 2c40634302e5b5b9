// plugins/crdt-native/native_crdt.h: the freshet.crdt/0 service, a thin skin over the engine
// (freshet/crdt/doc.h).
#pragma once

#include <functional>
#include <memory>

#include "crdt-native/steady_now.h"
#include "freshet/crdt/doc.h"
#include "freshet/plugin.h"
#include "plugin_version.h"

namespace freshet {

// Milliseconds of any clock that does not go back.
using NowMs = std::function<uint64_t()>;

// Outlives its documents.
class NativeCrdt final : public Crdt {
 public:
  static constexpr freshet_setting kSettings[] = {
      // What a store has dropped already does not come back.
      setting::boolean(
          "collect_garbage", "true",
          "Whether deleted content is dropped. If not, clients with gc: false can show "
          "and restore older versions; a document then holds all that was ever "
          "written, in memory, on disk and for whoever opens it."),
  };
  static constexpr About kAbout{
      .id = "crdt-native",
      .version = kPluginVersion,
      .summary = "Documents in the Yjs update format, merged by an engine of our own.",
      .settings = kSettings};

  // Told how often it complains by `now_ms`, and nothing else.
  static Result<std::unique_ptr<NativeCrdt>> create(Host host, NowMs now_ms = steady_now_ms);
  NativeCrdt(Host host, NowMs now_ms);

  const char* name() const override { return "yjs"; }
  std::unique_ptr<CrdtDocument> create() override;
  Status merge(uint32_t format, std::span<const Bytes> updates, Sink out) override;
  Status squash(uint32_t format, std::span<const Bytes> updates, Sink out) override;
  Status cost(uint32_t format, Bytes update, freshet_cost& out) override;
  Status reencode(uint32_t format, Bytes update, Sink out) override;
  Status describe(uint32_t format, Bytes update, uint32_t limit, Sink out) override;

 private:
  Host host_;
  const NowMs now_ms_;
  const crdt::Options options_;
};

}  // namespace freshet
