// tests/sim/platform/sim_bodies.h: messages that many connections may send, counted.
#pragma once

#include <vector>

#include "freshet/platform.h"

namespace freshet::sim {

class SimBodies {
 public:
  freshet_body* create(size_t size) {
    auto* body = new Body;
    body->bytes.resize(size);
    body->data = body->bytes.data();
    body->size = size;
    ++count_;
    return body;
  }
  void ref(freshet_body* body) { ++static_cast<Body*>(body)->references; }
  void unref(freshet_body* body) {
    auto* owned = static_cast<Body*>(body);
    if (--owned->references != 0) return;
    delete owned;
    --count_;
  }
  size_t count() const { return count_; }  // that somebody still holds

 private:
  struct Body : freshet_body {
    uint32_t references = 1;
    std::vector<uint8_t> bytes;
  };

  size_t count_ = 0;
};

}  // namespace freshet::sim
