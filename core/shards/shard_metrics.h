// core/shards/shard_metrics.h: what shards count: how far they are behind, and whom they let in.
#pragma once

#include "core/report/metrics.h"

namespace freshet {

struct ShardMetrics {
  explicit ShardMetrics(Metrics& m)
      : strained(m.gauge("freshet_shards_strained",
                         "Shards that are behind with their work: presence leaves seldom there.")),
        gathering(m.gauge("freshet_shards_gathering",
                          "Of freshet_shards_strained: those that gather updates for longer.")),
        refusing(m.gauge("freshet_shards_refusing",
                         "Of freshet_shards_gathering: those that let nobody in.")),
        refused_strain(m.counter("freshet_joins_refused_overload_total",
                                 "Sessions refused as their room's shard was behind.")),
        refused_memory(m.counter("freshet_joins_refused_memory_total",
                                 "Sessions refused as the server was near its memory ceiling.")),
        refused_rooms(m.counter("freshet_joins_refused_rooms_total",
                                "Sessions refused as too many rooms were open.")),
        let_go(m.counter("freshet_documents_let_go_total",
                         "Idle documents that left memory early, as there was too little.")) {}

  freshet_metric &strained, &gathering, &refusing, &refused_strain, &refused_memory, &refused_rooms,
      &let_go;
};

}  // namespace freshet
