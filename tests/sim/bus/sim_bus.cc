#include "sim/bus/sim_bus.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "freshet/sink.h"
#include "sim/platform/sim_platform.h"

namespace freshet::sim {
namespace {

constexpr std::string_view kPlace = "sim-air/one-cluster";
constexpr Range kSubscribing{100, 20 * kMs};
constexpr Range kNoticing{kMs, 3 * kSecond};  // that it is cut off, and that it is no longer

}  // namespace

SimBus::SimBus(Scene& scene, SimAir& air, SimPlatform& platform)
    : scene_(scene),
      air_(air),
      platform_(platform),
      ear_(air.add(
          [this](const std::string& topic, const Blob& message) { arrive(topic, message); })) {
  c_.size = sizeof(c_);
  c_.self = this;
  c_.traits = [](void*, freshet_bus_traits* out) {
    *out = {sizeof(*out), to_c(kPlace), kMostBytes, kCheapBytes};
  };
  c_.start = [](void* self, const freshet_hearer* hearer) {
    return static_cast<freshet_status>(of(self).start(hearer));
  };
  c_.subscribe = [](void* self, freshet_str topic, freshet_reply reply) {
    of(self).subscribe(topic, reply);
  };
  c_.unsubscribe = [](void* self, freshet_str topic) { of(self).unsubscribe(view(topic)); };
  c_.publish = [](void* self, freshet_str topic, freshet_bytes message) {
    return static_cast<freshet_status>(of(self).publish(view(topic), view(message)));
  };
}

void SimBus::require(bool kept, const char* rule) const {
  if (!kept && !dead_) scene_.verdict.broke(Broken::bus_contract, rule);
}

Status SimBus::start(const freshet_hearer* hearer) {
  require(hearer_ == nullptr, "start is called once");
  hearer_ = hearer;
  return Status::ok;
}

// ---- topics

void SimBus::subscribe(freshet_str topic, freshet_reply reply) {
  if (dead_) return reply.to->done(reply.to->ctx, reply.token, FRESHET_RETRY);
  require(hearer_ != nullptr, "start comes before subscribe");
  require(topic.size != 0, "a topic is any bytes but none at all");
  const std::string name(view(topic));
  require(topics_.insert(name).second, "a topic is subscribed to once, until unsubscribe");
  const uint64_t id = ++last_asked_;
  asked_.emplace(id, Asked{name, topic.data, reply});
  scene_.timeline.after(scene_.within(kSubscribing), [this, id] {
    if (!dead_) platform_.threads().arrive(SimThreads::kBusThread, [this, id] { answer(id); });
  });
}

void SimBus::answer(uint64_t id) {
  const auto it = asked_.find(id);
  if (it == asked_.end()) return;
  const Asked asked = it->second;
  asked_.erase(it);
  require(std::string_view(asked.lent, asked.topic.size()) == asked.topic,
          "a topic is lent until its subscription is answered");
  const freshet_status status = cut_ ? FRESHET_RETRY : FRESHET_OK;
  asked.reply.to->done(asked.reply.to->ctx, asked.reply.token, status);
}

void SimBus::unsubscribe(std::string_view topic) {
  require(topics_.erase(std::string(topic)) == 1, "unsubscribe names what is subscribed to");
}

// ---- messages

Status SimBus::publish(std::string_view topic, Bytes message) {
  if (dead_) return Status::retry;
  require(hearer_ != nullptr, "start comes before publish");
  require(!topic.empty() && !message.empty(), "topics and messages are any bytes but none at all");
  if (message.size() > kMostBytes) return Status::too_large;
  if (down_) return Status::retry;
  ++published_;
  if (!cut_) air_.say(ear_, std::string(topic), {message.begin(), message.end()});
  return Status::ok;
}

void SimBus::arrive(const std::string& topic, const Blob& message) {
  if (dead_ || cut_) return;
  platform_.threads().arrive(SimThreads::kBusThread,
                             [this, topic, message] { hear(topic, message); });
}

void SimBus::hear(const std::string& topic, const Blob& message) {
  if (!topics_.contains(topic) || hearer_ == nullptr) return;
  ++heard_;
  // A copy of exactly that size, so that reading past it is seen by a sanitizer.
  const auto exact = std::make_unique<uint8_t[]>(message.size());
  std::ranges::copy(message, exact.get());
  hearer_->hear(hearer_->ctx, to_c(topic), {exact.get(), message.size()});
}

// ---- what goes wrong

void SimBus::cut(bool is_cut) {
  if (std::exchange(cut_, is_cut) == is_cut) return;
  scene_.timeline.after(scene_.within(kNoticing), [this] { look(); });
}

// It sees how it is now. Each cut that is over is told of, whether it was noticed or not.
void SimBus::look() {
  if (dead_) return;
  down_ = cut_;
  if (cut_) return;
  platform_.threads().arrive(SimThreads::kBusThread, [this] {
    if (hearer_ != nullptr) hearer_->missed(hearer_->ctx);
  });
}

void SimBus::die() {
  dead_ = true;
  for (const auto& [id, asked] : std::exchange(asked_, {})) {
    asked.reply.to->done(asked.reply.to->ctx, asked.reply.token, FRESHET_RETRY);
  }
}

}  // namespace freshet::sim
