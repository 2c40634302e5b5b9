// core/tests/apps/insert_hello.h: an edit as apps send it, that makes an empty document say
// "hello".
#pragma once

namespace freshet::sim {

constexpr const char* kInsertHello =
    R"([{"op": "insert_text", "root": "text", "kind": "text", "index": 0, "text": "hello"}])";

}  // namespace freshet::sim
