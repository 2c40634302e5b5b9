// An update in format v2, written field by field into its columns.
//
// Source: UpdateEncoderV2 of Yjs. The caller goes through clients and structs in the order of the
// format: descending ids, ascending clocks.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "format/columns.h"
#include "format/delete_set.h"
#include "freshet/format/codec.h"
#include "items/ids.h"
#include "items/text_log.h"

namespace freshet::crdt {

class V2Writer {
 public:
  // How many clients with structs follow.
  void clients(size_t count) { rest_.varuint(count); }

  // A client's structs, from this clock on.
  void section(size_t structs, uint64_t client, uint32_t clock) {
    rest_.varuint(structs);
    client_.write(client);
    rest_.varuint(clock);
  }
  void gc(uint32_t len) {
    info_.write(static_cast<uint8_t>(Kind::gc));
    len_.write(len);
  }
  void skip(uint32_t len) {
    info_.write(static_cast<uint8_t>(Kind::skip));
    rest_.varuint(len);
  }

  // An item: what its info byte promises, then its content.
  void info(uint8_t info) { info_.write(info); }
  void left_id(uint64_t client, uint32_t clock) {
    client_.write(client);
    left_clock_.write(clock);
  }
  void right_id(uint64_t client, uint32_t clock) {
    client_.write(client);
    right_clock_.write(clock);
  }
  void parent(std::string_view root) {
    parent_info_.write(1);
    string_.write(root);
  }
  void parent(uint64_t client, uint32_t clock) {
    parent_info_.write(0);
    left_id(client, clock);
  }
  void key(std::string_view key) { string_.write(key); }

  void text(const TextLog& log, uint32_t unit, uint32_t count) { string_.write(log, unit, count); }
  void deleted(uint32_t len) { len_.write(len); }
  void type(uint64_t ref, std::string_view name);
  // Any content as format v1 has it, see WireStruct::content().
  void content(Kind kind, uint32_t len, Bytes v1);

  // What is deleted, once all structs are written.
  DeleteSetWriter<Column> deletions() { return {rest_, DeleteForm::v2}; }

  // Appends the update. Call once, at the end.
  void finish(std::vector<uint8_t>& out);

 private:
  void name(std::string_view name) {
    key_clock_.write(names_++);
    string_.write(name);
  }

  uint64_t names_ = 0;
  StepsWriter key_clock_, left_clock_, right_clock_;
  RunsWriter client_, type_ref_, len_;
  BytesWriter info_, parent_info_;
  StringsWriter string_;
  Column rest_;
};

}  // namespace freshet::crdt
