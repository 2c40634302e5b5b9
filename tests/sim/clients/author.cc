#include "sim/clients/author.h"

#include <algorithm>

namespace freshet::sim {
namespace {

enum : uint8_t { kString = 4, kType = 7, kAny = 8 };
enum : uint8_t { kHasKey = 0x20, kHasRight = 0x40, kHasOrigin = 0x80 };
constexpr uint8_t kAnyInteger = 125;
constexpr uint64_t kTypeMap = 1;

std::string name(const Place& place) {
  if (!place.inside) return place.root;
  return std::to_string(place.inside->client) + ":" + std::to_string(place.inside->clock);
}

}  // namespace

std::vector<uint64_t>& Author::units(const Place& place) { return units_[name(place)]; }

size_t Author::length(const Place& place) const {
  const auto it = units_.find(name(place));
  return it == units_.end() ? 0 : it->second.size();
}

// An update of one struct, up to its content.
void Author::begin(Writer& out, const Place& place, uint8_t kind, Neighbours near,
                   const std::string* key) {
  out.varuint(1);  // clients
  out.varuint(1);  // structs
  out.varuint(client_);
  out.varuint(clock_);
  const uint8_t flags = static_cast<uint8_t>((near.left ? kHasOrigin : 0) |
                                             (near.right ? kHasRight : 0) | (key ? kHasKey : 0));
  out.u8(kind | flags);
  for (const auto& neighbour : {near.left, near.right}) {
    if (!neighbour) continue;
    out.varuint(client_);
    out.varuint(*neighbour);
  }
  if (near.left || near.right) return;
  if (place.inside) {
    out.varuint(0);
    out.varuint(place.inside->client);
    out.varuint(place.inside->clock);
  } else {
    out.varuint(1);
    out.string(place.root);
  }
  if (key != nullptr) out.string(*key);
}

void Author::end(Writer& out, const std::vector<Deletion>& deletions) {
  std::map<uint64_t, std::vector<Deletion>, std::greater<>> by_client;
  for (const Deletion& d : deletions) by_client[d.client].push_back(d);
  out.varuint(by_client.size());
  for (auto& [client, of_client] : by_client) {
    std::sort(of_client.begin(), of_client.end(),
              [](const Deletion& a, const Deletion& b) { return a.clock < b.clock; });
    out.varuint(client);
    out.varuint(of_client.size());
    for (const Deletion& d : of_client) {
      out.varuint(d.clock);
      out.varuint(d.len);
    }
  }
}

Author::Update Author::type(const Place& place, size_t at, std::string_view ascii,
                            const std::vector<Deletion>& deletions) {
  std::vector<uint64_t>& own = units(place);
  at = std::min(at, own.size());
  Neighbours near;
  if (at > 0) near.left = own[at - 1];
  if (at < own.size()) near.right = own[at];
  Update update;
  Writer out(update);
  begin(out, place, kString, near, nullptr);
  out.string(ascii);
  end(out, deletions);
  std::vector<uint64_t> clocks;
  for (size_t i = 0; i < ascii.size(); ++i) clocks.push_back(clock_++);
  own.insert(own.begin() + static_cast<std::ptrdiff_t>(at), clocks.begin(), clocks.end());
  return update;
}

Author::Update Author::set(const Place& place, const std::string& key, int64_t value) {
  Neighbours near;
  const std::string slot = name(place) + "/" + key;
  std::vector<Deletion> replaced;
  if (const auto it = keys_.find(slot); it != keys_.end()) {
    near.left = it->second;
    replaced.push_back({client_, it->second, 1});
  }
  Update update;
  Writer out(update);
  begin(out, place, kAny, near, &key);
  out.varuint(1);
  out.u8(kAnyInteger);
  out.varint({static_cast<uint64_t>(value < 0 ? -value : value), value < 0});
  end(out, replaced);
  keys_[slot] = clock_++;
  return update;
}

Author::Update Author::nest(const Place& place, Id& made) {
  std::vector<uint64_t>& own = units(place);
  Neighbours near;
  if (!own.empty()) near.left = own.back();
  Update update;
  Writer out(update);
  begin(out, place, kType, near, nullptr);
  out.varuint(kTypeMap);
  end(out, {});
  made = {client_, clock_};
  own.push_back(clock_++);
  return update;
}

Author::Update Author::erase(const std::vector<Deletion>& deletions) {
  Update update;
  Writer out(update);
  out.varuint(0);
  end(out, deletions);
  return update;
}

}  // namespace freshet::sim
