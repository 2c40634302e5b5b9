#include "core/submissions/questions.h"

#include <utility>

namespace freshet {

bool Questions::has_to_ask(Member& from, const Submission& submission) {
  if (submission.judged || !services_.apps.may_veto(FRESHET_VETO_EDIT)) return false;
  return std::visit(Cases{[&](const Submission::Update& s) {
                            // Who comes brings all that it has, and most have nothing new.
                            const bool is_first = !std::exchange(from.compared, true);
                            const Document* document = residence_.document();
                            return !is_first || document == nullptr ||
                                   !document->knows(s.format, s.bytes);
                          },
                          [&](const Submission::Open& s) {
                            if (s.seed.empty() || !from.may_write) return false;
                            const Result<StateVector> here = residence_.state_vector();
                            return here && !here->has_content();
                          },
                          [](const auto&) { return false; }},
                    submission.what);
}

Questions::Line& Questions::begin(MemberId session) {
  return lines_.insert_or_assign(session, Line{++last_, Share(&services_.budget)}).first->second;
}

Status Questions::add(Line& line, const Submission& submission) {
  return if_memory([&] {
    const size_t bytes = submission.size_bytes();
    if (!line.share.hold(line.bytes + bytes)) return Status::retry;
    line.waiting.emplace_back(submission);
    line.bytes += bytes;
    return Status::ok;
  });
}

Intent Questions::intent_of(const Member& who, uint32_t what) const {
  return {.what = what,
          .room = room_,
          .from = who.spec.id,
          .question = last_,
          .session = who.spec.client,
          .user = who.spec.user,
          .unix_ms = services_.loop.unix_ms()};
}

void Questions::ask_join(const Member& joining) {
  begin(joining.spec.id);
  services_.apps.ask(intent_of(joining, FRESHET_VETO_JOIN));
}

Status Questions::ask_edit(const Member& from, const Submission& submission) {
  Submission judged = submission;
  judged.judged = true;
  Line& line = begin(from.spec.id);
  const Status kept = add(line, judged);
  line.about_bytes = line.bytes;
  if (kept != Status::ok) {
    lines_.erase(from.spec.id);
    return kept;
  }
  Intent about = intent_of(from, FRESHET_VETO_EDIT);
  const auto copy = [&](uint32_t format, Bytes update) {
    about.format = format;
    about.update.assign(update.begin(), update.end());
  };
  if (const auto* update = std::get_if<Submission::Update>(&submission.what)) {
    about.ticket = update->ticket;
    copy(update->format, update->bytes);
  } else if (const auto* open = std::get_if<Submission::Open>(&submission.what)) {
    copy(open->format, open->seed);
  }
  services_.apps.ask(std::move(about));
  return Status::ok;
}

Status Questions::keep(const Submission& submission) {
  Line& line = lines_.find(submission.from)->second;
  // Behind a long update as much may wait as behind a short one.
  const size_t behind = line.bytes - line.about_bytes;
  if (behind + submission.size_bytes() > services_.limits.loading_bytes) return Status::limit;
  return add(line, submission);
}

std::optional<std::vector<KeptSubmission>> Questions::take(const Intent& about) {
  const auto it = lines_.find(about.from);
  if (it == lines_.end() || it->second.question != about.question) return std::nullopt;
  std::vector<KeptSubmission> waiting = std::move(it->second.waiting);
  lines_.erase(it);
  return waiting;
}

}  // namespace freshet
