#include "sim/clients/sim_awareness.h"

#include "freshet/format/codec.h"

namespace freshet::sim {
namespace {

constexpr uint64_t kAwarenessType = 1;

}  // namespace

SimAwareness::SimAwareness(Scene& scene, const std::string& name, uint64_t self)
    : scene_(scene), name_(name), self_(self) {
  shown_[self].json = "{}";
}

void SimAwareness::show(std::optional<std::string> json) {
  Shown& own = shown_[self_];
  ++own.clock;
  own.json = std::move(json);
}

bool SimAwareness::shows() const { return shown_.at(self_).json.has_value(); }

void SimAwareness::renew() {
  if (shows()) ++shown_[self_].clock;
}

void SimAwareness::drop_others() {
  for (auto& [client, shown] : shown_) {
    if (client != self_) shown.json.reset();
  }
}

// As y-protocols' applyAwarenessUpdate.
std::optional<SimAwareness::News> SimAwareness::hear(Bytes payload) {
  Reader in(payload);
  const uint64_t count = in.varuint();
  News news;
  for (uint64_t i = 0; i < count && in.ok(); ++i) {
    const uint64_t client = in.varuint();
    const uint64_t clock = in.varuint();
    const std::string_view json = in.string();
    if (in.ok()) hear_of(client, clock, json, news);
  }
  if (!in.ok() || !in.at_end()) return std::nullopt;
  return news;
}

void SimAwareness::hear_of(uint64_t client, uint64_t clock, std::string_view json, News& news) {
  Shown& shown = shown_[client];
  const bool gone = json == "null";
  if (scene_.verdict.tracing()) {
    scene_.verdict.trace(name_, "hears of " + std::to_string(client) + " at " +
                                    std::to_string(clock) + ": " + std::string(json) + ", knows " +
                                    std::to_string(shown.clock));
  }
  if (clock < shown.clock || (clock == shown.clock && !(gone && shown.json))) return;
  if (gone && client == self_ && shown.json) {
    shown.clock = clock + 1;  // it is still there, and says so
    news.about_me = true;
    return;
  }
  shown.clock = clock;
  shown.json = gone ? std::nullopt : std::optional<std::string>(json);
  news.changed.push_back(client);
}

std::vector<uint8_t> SimAwareness::message(const std::vector<uint64_t>& clients) {
  std::vector<uint8_t> entries;
  Writer inner(entries);
  inner.varuint(clients.size());
  for (const uint64_t client : clients) {
    const Shown& shown = shown_[client];
    if (scene_.verdict.tracing()) {
      scene_.verdict.trace(name_, "shows " + std::to_string(client) + " at " +
                                      std::to_string(shown.clock) + ": " +
                                      shown.json.value_or("null"));
    }
    inner.varuint(client);
    inner.varuint(shown.clock);
    inner.string(shown.json.value_or("null"));
  }
  std::vector<uint8_t> frame;
  Writer out(frame);
  out.varuint(kAwarenessType);
  out.bytes(entries);
  return frame;
}

std::map<uint64_t, std::string> SimAwareness::present() const {
  std::map<uint64_t, std::string> out;
  for (const auto& [client, shown] : shown_) {
    if (shown.json) out.emplace(client, *shown.json);
  }
  return out;
}

}  // namespace freshet::sim
