#include "core/windows/update_run.h"

#include <algorithm>

#include "core/windows/limits.h"
#include "core/windows/squash.h"
#include "freshet/sink.h"

namespace freshet {
namespace {

bool may_be_joined(const freshet_applied& applied) {
  return applied.whole != 0 && applied.authors != FRESHET_AUTHORS_UNKNOWN;
}

std::optional<uint64_t> author_of(const freshet_applied& applied) {
  if (applied.authors != FRESHET_AUTHORS_ONE) return std::nullopt;
  return applied.author;
}

}  // namespace

// Who only deletes is whoever its session is.
size_t UpdateRun::writer_of(const Contribution& next) const {
  const std::optional<uint64_t> author = author_of(next.applied);
  const auto same = [&](const Writer& known) {
    return known.from == next.from && (!author || !known.author || known.author == author);
  };
  return static_cast<size_t>(std::ranges::find_if(writers_, same) - writers_.begin());
}

bool UpdateRun::takes(const Contribution& next) const {
  if (alone_ || !may_be_joined(next.applied)) return false;
  return writers_.size() < kWritersPerRun || writer_of(next) < writers_.size();
}

void UpdateRun::add(const Contribution& next) {
  if (parts_.empty()) alone_ = !may_be_joined(next.applied);
  const size_t writer = writer_of(next);
  if (writer == writers_.size()) {
    writers_.push_back({.from = next.from,
                        .author = std::nullopt,
                        .client = next.source.client,
                        .user = std::string(view(next.source.user))});
  }
  if (!writers_[writer].author) writers_[writer].author = author_of(next.applied);
  ++writers_[writer].parts;
  parts_.push_back({writer, bytes_.size(), next.update.size(), next.applied});
  if (lent_.empty()) bytes_.insert(bytes_.end(), next.update.begin(), next.update.end());
}

UpdateRun UpdateRun::lent(const Contribution& only) {
  UpdateRun run;
  run.lent_ = only.update;
  run.add(only);
  run.alone_ = true;
  return run;
}

Bytes UpdateRun::part(const Part& of) const {
  return lent_.empty() ? Bytes(bytes_).subspan(of.offset, of.size) : lent_;
}

// ---- who wrote it

bool UpdateRun::has_part_of(MemberId session) const {
  return std::ranges::find(writers_, session, &Writer::from) != writers_.end();
}

bool UpdateRun::is_all_of(MemberId session) const {
  return std::ranges::all_of(writers_, [&](const Writer& each) { return each.from == session; });
}

bool UpdateRun::may_hold_content_of(const std::optional<uint64_t>& author, MemberId session) const {
  if (parts_.front().applied.authors == FRESHET_AUTHORS_UNKNOWN) return true;
  return std::ranges::any_of(writers_, [&](const Writer& each) {
    return each.from != session && each.author && (!author || *author == *each.author);
  });
}

freshet_source UpdateRun::source_of(const Writer& writer) {
  const std::string_view user = writer.user;
  return {writer.client, user.empty() ? freshet_str{nullptr, 0} : to_c(user), 0};
}

freshet_source UpdateRun::source() const {
  const Writer& first = writers_.front();
  const bool one = std::ranges::all_of(
      writers_, [&](const Writer& each) { return each.client == first.client; });
  return one ? source_of(first) : freshet_source{};
}

// ---- as one update

Status UpdateRun::join(const freshet_crdt& crdt) {
  for (size_t i = 0; i < writers_.size(); ++i) FRESHET_CHECK(join_parts(crdt, i));
  if (writers_.size() == 1) return Status::ok;
  joined_.clear();
  return join_writers(crdt, 0, joined_);
}

Status UpdateRun::join_parts(const freshet_crdt& crdt, size_t writer) {
  Writer& of = writers_[writer];
  of.joined.clear();
  if (of.parts == 1) return Status::ok;
  std::vector<freshet_bytes> updates;
  updates.reserve(of.parts);
  for (const Part& each : parts_) {
    if (each.writer == writer) updates.push_back(to_c(part(each)));
  }
  return squash(crdt, updates, of.joined);
}

Bytes UpdateRun::joined_of(size_t writer) const {
  if (writers_[writer].parts > 1) return writers_[writer].joined;
  return part(*std::ranges::find(parts_, writer, &Part::writer));
}

Bytes UpdateRun::joined() const { return writers_.size() == 1 ? joined_of(0) : Bytes(joined_); }

Status UpdateRun::joined_without(const freshet_crdt& crdt, MemberId session,
                                 std::vector<uint8_t>& out) const {
  return join_writers(crdt, session, out);
}

Status UpdateRun::join_writers(const freshet_crdt& crdt, MemberId but,
                               std::vector<uint8_t>& out) const {
  std::vector<freshet_bytes> updates;
  for (size_t i = 0; i < writers_.size(); ++i) {
    if (but == 0 || writers_[i].from != but) updates.push_back(to_c(joined_of(i)));
  }
  if (updates.empty()) return Status::ok;
  if (updates.size() > 1) return squash(crdt, updates, out);
  const Bytes only = view(updates.front());
  out.insert(out.end(), only.begin(), only.end());
  return Status::ok;
}

std::vector<UpdateRun> UpdateRun::split() const {
  std::vector<UpdateRun> out;
  out.reserve(parts_.size());
  for (const Part& each : parts_) {
    const Writer& by = writers_[each.writer];
    out.emplace_back(Contribution{part(each), source_of(by), by.from, each.applied});
  }
  return out;
}

}  // namespace freshet
