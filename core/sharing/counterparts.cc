#include "core/sharing/counterparts.h"

#include <algorithm>
#include <utility>

#include "core/cluster/limits.h"
#include "core/store/journal.h"
#include "freshet/store.h"

namespace freshet {
namespace {

// Whether it has a part of this kind, and what that says.
template <class Kind>
const Kind* part_of(const bus::Message& message) {
  for (const bus::Part& part : message.parts) {
    if (const auto* found = std::get_if<Kind>(&part)) return found;
  }
  return nullptr;
}

}  // namespace

Counterparts::Counterparts(NodeBus& bus, const Loop& loop, const freshet_writer& self,
                           const std::string& room, People& people)
    : bus_(bus), loop_(loop), self_(self), room_(room), people_(people) {}

Counterparts::~Counterparts() {
  if (stream_ == 0) return;
  if (any()) {
    bus::write(parts_, bus::Gone{});
    speak();
  }
  bus_.unsubscribe(room_);
}

void Counterparts::open(uint64_t stream, std::function<void()> done) {
  stream_ = stream;
  bus_.subscribe(loop_.shard(), room_, [this, done = std::move(done)] {
    ask_now();
    done();
  });
}

// ---- to the others

void Counterparts::publish(Bytes parts) {
  // What is not taken is not missed by anybody.
  if (bus_.publish(room_, bus::message_of({self_, stream_, number_ + 1}, parts))) ++number_;
}

void Counterparts::say(const bus::Part& part) {
  const size_t before = parts_.size();
  bus::write(parts_, part);
  if (before != 0 && parts_.size() + kMessageHeaderBytes > bus_.cheap_bytes()) {
    publish(Bytes(parts_).first(before));
    parts_.erase(parts_.begin(), parts_.begin() + static_cast<ptrdiff_t>(before));
  }
  speak_soon();
}

void Counterparts::speak_soon() {
  if (std::exchange(speaks_, true)) return;
  loop_.post(
      [](void* self) {
        auto& each = *static_cast<Counterparts*>(self);
        const OnShard here(each.loop_.shard());
        each.speaks_ = false;
        each.speak();
      },
      this);
}

void Counterparts::speak() {
  if (parts_.empty()) return;
  publish(parts_);
  parts_.clear();
}

void Counterparts::say_early(const bus::Edit& edit) {
  active_ = true;
  if (!any()) return;
  const size_t size = edit.update.size() + edit.user.size() + edit.user_id.size();
  if (size + 2 * kMessageHeaderBytes > bus_.cheap_bytes()) return;
  say(edit);
  said_.push_back(edit.number);
}

void Counterparts::say_stored(const freshet_epoch& epoch, const Stored& stored) {
  const auto end = std::ranges::upper_bound(said_, stored.last_number);
  const auto begin = std::ranges::lower_bound(said_, stored.first_number);
  const bool all_said = static_cast<size_t>(end - begin) == stored.updates;
  said_.erase(said_.begin(), end);
  if (!any() || stored.rows == 0) return;
  say(bus::Stored{epoch, stored.first_number, stored.last_number, stored.updates,
                  stored.last_seq - stored.rows + 1, stored.last_seq, all_said, stored.before});
}

void Counterparts::say_event(const bus::Event& event) {
  if (!any()) return;
  show_now();
  say(event);
}

void Counterparts::show(uint64_t client, bool renewed) {
  active_ = true;
  if (!any()) return;
  const auto [it, is_new] = shown_.try_emplace(client, renewed);
  it->second = it->second && renewed;
  show_soon();
}

void Counterparts::show_soon() {
  if (std::exchange(shows_, true)) return;
  loop_.after(
      kShowAgainMs,
      [](void* self) {
        auto& each = *static_cast<Counterparts*>(self);
        const OnShard here(each.loop_.shard());
        each.shows_ = false;
        each.say_due();
      },
      this);
}

// However many asked, or were to be asked, meanwhile.
void Counterparts::say_due() {
  show_now();
  if (std::exchange(asks_, false)) ask_now();
  if (!answers_) return;
  if (loop_.now_ms() - shown_all_ms_ < kShowAllAgainMs) return show_soon();
  answers_ = false;
  if (std::exchange(moves_on_, false)) people_.move_on();
  show_everybody();
}

void Counterparts::show_now() {
  for (const auto& [client, renewed] : std::exchange(shown_, {})) {
    std::optional<bus::Person> person = people_.person(client);
    if (!person) continue;
    person->renewed = renewed;
    say(*person);
  }
}

void Counterparts::show_all(bool again) {
  answers_ = true;
  moves_on_ = moves_on_ || again;
  show_soon();
}

// In one message if they fit in: then whoever hears it knows who else is there no more.
void Counterparts::show_everybody() {
  speak();
  shown_.clear();
  shown_all_ms_ = loop_.now_ms();
  std::vector<uint8_t> people;
  for (const bus::Person& each : people_.everybody()) bus::write(people, each);
  bus::write(people, people_.digest());
  const bool whole = people.size() + 2 * kMessageHeaderBytes <= bus_.most_bytes();
  say(bus::Here{.whole = whole});
  if (whole) {
    parts_.insert(parts_.end(), people.begin(), people.end());
    return speak();
  }
  for (const bus::Person& each : people_.everybody()) say(each);
}

void Counterparts::ask(bool again) {
  asks_ = true;
  asks_again_ = asks_again_ || again;
  show_soon();
}

void Counterparts::ask_now() {
  asked_ms_ = loop_.now_ms();
  active_ = false;
  ++asked_;
  say(bus::Here{.asks = true, .again = std::exchange(asks_again_, false)});
}

// ---- from the others

void Counterparts::set_here(Other& other, bool here) {
  if (other.here == here) return;
  other.here = here;
  here ? ++here_ : --here_;
}

// Null: it is of an opening that has ended. One that is there anew has nobody of those any more who
// were there before.
Counterparts::Other* Counterparts::other(const bus::From& from, const Heard& heard) {
  const auto it =
      std::ranges::find_if(others_, [&](const Other& each) { return same(each.by, from.writer); });
  if (it == others_.end()) {
    if (others_.size() == kMostOthers) return nullptr;
    ++here_;
    return &others_.emplace_back(Other{from.writer, from.stream, from.number, loop_.now_ms()});
  }
  if (from.stream < it->stream) return nullptr;
  if (from.stream == it->stream) return it->here ? &*it : nullptr;
  if (it->here) heard(it->by, bus::Gone{});
  set_here(*it, true);
  it->stream = from.stream;
  it->next = from.number;
  it->held.clear();
  it->held_bytes = 0;
  return &*it;
}

void Counterparts::hear(Bytes bytes, const Heard& heard) {
  const Result<bus::Message> message = bus::read(bytes);
  if (!message) return bus_.note_unread();
  if (same(bus::node_of(message->from.writer), bus::node_of(self_))) return;
  const bus::From& from = message->from;
  if (from.stream == 0) {
    for (const bus::Part& part : message->parts) heard(from.writer, part);
    return;
  }
  const size_t known = here_;
  Other* sender = other(from, heard);
  if (sender == nullptr) return;
  sender->heard_ms = loop_.now_ms();
  const bool in_turn = from.number == sender->next;
  const bool says_event = part_of<bus::Event>(*message) != nullptr;
  if (from.number > sender->next) hold(*sender, from.number, says_event ? bytes : Bytes());
  if (in_turn) ++sender->next;
  for (const bus::Part& part : message->parts) {
    if (in_turn || !std::holds_alternative<bus::Event>(part)) heard(from.writer, part);
  }
  take_held(*sender, 0, heard);
  answer(*sender, *message, here_ > known);
}

// Who is there anew, and says so without having asked, is asked.
void Counterparts::answer(Other& sender, const bus::Message& message, bool is_new) {
  if (part_of<bus::Gone>(message) != nullptr) return set_here(sender, false);
  const bus::Here* here = part_of<bus::Here>(message);
  if (here != nullptr && here->asks) return show_all(here->again);
  if (is_new && (here == nullptr || !here->whole)) ask();
}

// For what it has of events.
void Counterparts::hold(Other& other, uint64_t number, Bytes message) {
  const auto at = std::ranges::lower_bound(other.held, number, {}, &Held::number);
  if (at != other.held.end() && at->number == number) return;
  other.held.insert(at, {number, loop_.now_ms(), {message.begin(), message.end()}});
  other.held_bytes += message.size();
}

// Those that are next; and what is missing before one that came before then is lost.
void Counterparts::take_held(Other& other, uint64_t missing_since_ms, const Heard& heard) {
  while (!other.held.empty()) {
    const Held& first = other.held.front();
    const bool waited = first.since_ms < missing_since_ms ||
                        other.held.size() > kMostHeldMessages || other.held_bytes > kMostHeldBytes;
    if (first.number > other.next && !waited) return;
    if (first.number >= other.next) {
      other.next = first.number + 1;
      const Result<bus::Message> message = bus::read(first.message);
      for (const bus::Part& part : message ? message->parts : std::vector<bus::Part>()) {
        if (std::holds_alternative<bus::Event>(part)) heard(other.by, part);
      }
    }
    other.held_bytes -= first.message.size();
    other.held.erase(other.held.begin());
  }
  release_memory(other.held);
}

void Counterparts::forget(Other& other, const Heard& heard) {
  set_here(other, false);
  heard(other.by, bus::Gone{});
}

void Counterparts::forget(const freshet_node& node, const Heard& heard) {
  for (Other& each : others_) {
    if (each.here && same(bus::node_of(each.by), node)) forget(each, heard);
  }
}

// Should one live after all, it is there again as soon as it says something.
void Counterparts::keep(const std::vector<freshet_node>& living, const Heard& heard) {
  const uint64_t now_ms = loop_.now_ms();
  const auto is_gone = [&](const Other& each) {
    const freshet_node node = bus::node_of(each.by);
    const bool lives =
        std::ranges::any_of(living, [&](const freshet_node& one) { return same(one, node); });
    return each.here && !lives && now_ms - each.heard_ms >= kNodeLeaseMs;
  };
  for (Other& each : others_) {
    if (is_gone(each)) forget(each, heard);
  }
  std::erase_if(others_, [&](const Other& each) {
    return !each.here && now_ms - each.heard_ms >= kNodeLeaseMs;
  });
}

void Counterparts::tick(uint64_t now_ms, const Heard& heard) {
  for (Other& each : others_) {
    if (!each.held.empty()) take_held(each, now_ms - std::min(now_ms, kMissingMs), heard);
  }
  if (any()) {
    asked_ = std::size(kAskAgainMs);
    if (now_ms - digest_ms_ < kDigestMs) return;
    digest_ms_ = now_ms;
    show_now();
    return say(people_.digest());
  }
  said_.clear();
  if (asked_ == 0) return;  // it is not open yet
  const size_t wait = std::min(asked_, std::size(kAskAgainMs)) - 1;
  const bool seldom = wait + 1 == std::size(kAskAgainMs);
  if (seldom && !active_) return;
  if (now_ms - asked_ms_ >= kAskAgainMs[wait]) ask_now();
}

}  // namespace freshet
