#include "core/submissions/submission.h"

#include "freshet/sink.h"

namespace freshet {
namespace {

// What it points to, but for the entries themselves.
size_t bytes_of(const Submission::What& what) {
  return std::visit(Cases{[](const Submission::Update& s) { return s.bytes.size(); },
                          [](const Submission::Presence& s) {
                            size_t size = 0;
                            for (const freshet_presence& entry : s.entries) size += entry.json.size;
                            return size;
                          },
                          [](const Submission::DiffQuery& s) { return s.state_vector.size(); },
                          [](const Submission::Open& s) { return s.seed.size(); },
                          [](const Submission::Show& s) { return s.change.size(); },
                          [](const Submission::Event& s) { return s.name.size() + s.data.size(); },
                          [](const auto&) { return size_t{0}; }},
                    what);
}

}  // namespace

size_t Submission::size_bytes() const {
  const auto* presence = std::get_if<Presence>(&what);
  const size_t entries = presence == nullptr ? 0 : presence->entries.size_bytes();
  return sizeof(KeptSubmission) + bytes_of(what) + entries;
}

KeptSubmission::KeptSubmission(const Submission& submission) : submission_(submission) {
  // All at once, so that it stays where it is; and something, as text that is there is not null.
  bytes_.reserve(bytes_of(submission.what) + 1);
  std::visit(Cases{[this](Submission::Update& s) { s.bytes = kept(s.bytes); },
                   [this](Submission::Presence& s) {
                     entries_.assign(s.entries.begin(), s.entries.end());
                     for (freshet_presence& entry : entries_) {
                       if (entry.json.data == nullptr) continue;
                       entry.json = to_c(as_text(kept(as_bytes(view(entry.json)))));
                     }
                     s.entries = entries_;
                   },
                   [this](Submission::DiffQuery& s) { s.state_vector = kept(s.state_vector); },
                   [this](Submission::Open& s) { s.seed = kept(s.seed); },
                   [this](Submission::Show& s) { s.change = kept(s.change); },
                   [this](Submission::Event& s) {
                     s.name = as_text(kept(as_bytes(s.name)));
                     s.data = kept(s.data);
                   },
                   [](auto&) {}},
             submission_.what);
}

Bytes KeptSubmission::kept(Bytes bytes) {
  const size_t at = bytes_.size();
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  return {bytes_.data() + at, bytes.size()};
}

}  // namespace freshet
