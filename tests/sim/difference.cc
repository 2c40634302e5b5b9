#include "sim/difference.h"

#include <nlohmann/json.hpp>

#include "sim/update_ids.h"

namespace freshet::sim {
namespace {

constexpr size_t kShownBytes = 1'000;  // of a document that is not as it should be

UpdateIds all_ids(const crdt::Doc& doc) {
  std::vector<uint8_t> whole;
  if (doc.diff({}, whole) != Status::ok) return {};
  return read_update_ids(whole).value_or(UpdateIds{});
}

}  // namespace

std::string difference(const crdt::Doc& a, const crdt::Doc& b) {
  const UpdateIds in_a = all_ids(a);
  const UpdateIds in_b = all_ids(b);
  if (const auto missing = in_a.lacks(in_b)) return ": it lacks the " + *missing;
  if (const auto missing = in_b.lacks(in_a)) return ": the store lacks the " + *missing;
  // Roots stand in the order in which each heard of them; nlohmann's objects have no order.
  std::string json_a, json_b;
  a.json(json_a);
  b.json(json_b);
  if (nlohmann::json::parse(json_a) == nlohmann::json::parse(json_b)) return "";
  return ":\n    " + json_a.substr(0, kShownBytes) + "\n    " + json_b.substr(0, kShownBytes);
}

}  // namespace freshet::sim
