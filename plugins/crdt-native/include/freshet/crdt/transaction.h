// freshet/crdt/transaction.h: editing a document in place, instead of receiving somebody's edits.
//
//   freshet::crdt::Transaction edit(doc, my_client_id);
//   const auto text = edit.root("text");
//   FRESHET_CHECK(edit.insert(text, 0, "Hello"));
//   std::vector<uint8_t> update;
//   FRESHET_TRY(const bool changed, edit.commit(update));   // send `update` to the others
//
// What a transaction writes is what Yjs 13.6 would have written for the same calls, formats kept
// minimal included. Indices and lengths count UTF-16 code units in text and elements elsewhere.
//
// Cost: a position is found in O(n / 2048) additions and some hundred steps in a list of n items;
// the first edit of a list walks it once. Text with formats adds the Format items in front of the
// position.
//
// Failures: Status::not_found for a place beyond the end or a type that is not there any more,
// Status::unsupported for the wrong kind of type, Status::malformed for bad UTF-8 and for
// an embed or a format that updates cannot say (undefined, a BigInt), Status::limit
// when the document is full. A call that fails has changed nothing; a transaction that did nothing
// leaves no trace. Leaving early, as above, loses nothing: what was done until then stays in the
// document, and the next commit or undo hands it out with its own. Who wants all or nothing asks
// room() and looks at kinds and lengths first.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "freshet/crdt/content.h"
#include "freshet/crdt/doc.h"

namespace freshet::crdt {

// A shared type of a document. Valid until the transaction it came from ends. Equal: the same one.
class SharedType {
 public:
  auto operator<=>(const SharedType& other) const = default;

 private:
  friend class Transaction;
  explicit SharedType(uint32_t number) : number_(number) {}
  uint32_t number_;
};

// One at a time for a document, on its thread; the document applies no update meanwhile
// (Status::conflict) and has to outlive it.
class Transaction {
 public:
  // `client` is who writes: an id below 2^53 that nobody else uses, ever. `origin` and `now_ms`, of
  // any clock that does not go back, tell undo histories whose edit it is and when. If there are
  // too many clients, every edit will fail with Status::limit.
  Transaction(Doc& doc, uint64_t client, std::string_view origin = {}, uint64_t now_ms = 0);
  // If it was not committed, its update goes out with the next that is.
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  // A root type, made if nobody mentioned it before.
  SharedType root(std::string_view name);
  // The same, or nothing, and nothing is made.
  std::optional<SharedType> find_root(std::string_view name) const;
  // Roots carry no kind: theirs is what their content shows. Nothing if that fits several kinds; a
  // text may be an xml_text, an xml_fragment an xml_element, and a map whatever has attributes.
  std::optional<TypeKind> kind(SharedType type);
  // The type that is the element at `index`, or the value of `key`.
  Result<SharedType> child(SharedType parent, uint64_t index);
  Result<SharedType> child(SharedType parent, std::string_view key);
  // Visible elements or UTF-16 code units.
  uint64_t length(SharedType type);

  // Appends a position that stays where it is while others edit (relative_position.h). A negative
  // `assoc` makes it go with what is left of it.
  Status relative_position(SharedType type, uint64_t index, int64_t assoc,
                           std::vector<uint8_t>& out);

  // Text. Without attributes, what is inserted takes the formats of what is left of it.
  Status insert(SharedType text, uint64_t index, std::string_view utf8);
  Status insert(SharedType text, uint64_t index, std::string_view utf8,
                const Attributes& attributes);
  // A value, or a type, between the characters.
  Status insert_embed(SharedType text, uint64_t index, const Content& embed,
                      const Attributes& attributes = {});
  // Up to the end if the text is shorter.
  Status remove_text(SharedType text, uint64_t index, uint64_t count);
  Status format(SharedType text, uint64_t index, uint64_t count, const Attributes& attributes);
  Status apply_delta(SharedType text, const std::vector<DeltaStep>& delta);

  // Lists: arrays, and the children of XML elements and fragments. To push to a root takes it for
  // an array, where Yjs puts what is new behind the deleted; at the end of XML, insert at its
  // length.
  Status insert(SharedType list, uint64_t index, const std::vector<Content>& contents);
  Status push(SharedType list, const std::vector<Content>& contents);
  Status remove(SharedType list, uint64_t index, uint64_t count);

  // Maps, and the attributes of XML and text.
  Status set(SharedType map, std::string_view key, const Content& content);
  Status erase(SharedType map, std::string_view key);
  Status clear(SharedType map);

  // Whether calls that add so many bytes in all, and so many roots, will not meet a limit of the
  // document: Status::ok, Status::limit. Each content counts 16 bytes and twice its own.
  Status room(size_t bytes, size_t roots) const;

  // Ends it and appends what it did as an update (v1), with what transactions before it did that
  // were not committed; nothing, and false, if that is nothing.
  Result<bool> commit(std::vector<uint8_t>& update);

 private:
  enum class Use { text, list, map };
  Status check(SharedType type, Use use, size_t growth) const;
  std::optional<TypeKind> root_kind(SharedType root);
  Result<SharedType> type_in(uint32_t item) const;

  Replica& replica_;
  uint32_t client_;
  bool open_ = true;
};

}  // namespace freshet::crdt
