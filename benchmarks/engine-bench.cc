// engine-bench CASE FILE: one line of measurements of the CRDT engine on recorded updates.
//
// FILE is a trace (trace.h) of updates. The line: engine= case= file= ops= ns= (median) min_ns=
// reps= base_kb= doc_kb= peak_kb= out= textlen= check= (FNV-1a 32 of the UTF-8 of root text
// "text"), or unsupported=1. Environment: REPS (25) and BUDGET_S (2) bound the repetitions.
#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "freshet/crdt/doc.h"
#include "freshet/crdt/updates.h"
#include "freshet/format/utf8.h"
#include "program.h"
#include "trace.h"
#include "typing.h"

namespace {

using freshet::Bytes;
using freshet::Status;
using freshet::bench::die;
using freshet::bench::elapsed_ns;
using freshet::bench::number_from;
using freshet::bench::status_kb;
using freshet::bench::Trace;
using freshet::crdt::Doc;
using Buffer = std::vector<uint8_t>;

uint32_t fnv1a(const std::string& text) {
  uint32_t hash = 0x811c9dc5;
  for (const char c : text) hash = (hash ^ static_cast<uint8_t>(c)) * 16777619u;
  return hash;
}

// What a case prepares (untimed, per repetition), does (timed) and says about its result.
struct Case {
  std::string name;
  std::string file;
  size_t ops = 1;
  std::function<void()> prepare = [] {};
  std::function<void()> work = [] {};
  std::function<std::string()> report = [] { return std::string(); };
  std::function<void()> drop = [] {};
};

void measure(const Case& bench) {
  const auto most = static_cast<size_t>(number_from("REPS", 25));
  const double budget_ns = number_from("BUDGET_S", 2.0) * 1e9;
  std::vector<double> times;
  const auto once = [&] {
    bench.prepare();
    const auto start = std::chrono::steady_clock::now();
    bench.work();
    times.push_back(elapsed_ns(start));
  };
  malloc_trim(0);
  const long base = status_kb("VmRSS");
  once();
  malloc_trim(0);
  const long doc = status_kb("VmRSS") - base;
  const long peak = status_kb("VmHWM") - base;
  const std::string report = bench.report();
  bench.drop();
  const auto start = std::chrono::steady_clock::now();
  while (times.size() < most && (times.size() < 3 || elapsed_ns(start) < budget_ns) &&
         times[0] < 2.5e9) {
    once();
    bench.drop();
  }
  std::sort(times.begin(), times.end());
  std::printf(
      "engine=freshet case=%s file=%s ops=%zu ns=%.0f min_ns=%.0f reps=%zu base_kb=%ld doc_kb=%ld "
      "peak_kb=%ld %s\n",
      bench.name.c_str(), bench.file.c_str(), bench.ops, times[times.size() / 2], times[0],
      times.size(), base, doc, peak, report.c_str());
}

void apply_all(Doc& doc, const std::vector<Bytes>& updates) {
  for (const Bytes update : updates) {
    if (!doc.apply(update)) die("an update of the trace was refused");
  }
}

// The program's own pages count as resident from their first use on. Used once before memory is
// looked at, they are not taken for the document's. Of a short trace that would be most.
void use_the_program(const std::vector<Bytes>& updates) {
  constexpr size_t kFew = 2000;
  if (updates.size() < 10 * kFew) return;
  Doc doc;
  apply_all(doc, {updates.begin(), updates.begin() + kFew});
}

std::string describe(const Doc& doc) {
  Buffer state;
  if (doc.diff({}, state) != Status::ok) die("the document does not encode");
  std::string text;
  doc.text("text", text);
  char line[160];
  std::snprintf(line, sizeof(line), "out=%zu textlen=%zu check=%08x items=%zu", state.size(),
                freshet::utf16_length(freshet::as_bytes(text)), fnv1a(text), doc.stats().items);
  return line;
}

std::string out_of(size_t bytes) { return "out=" + std::to_string(bytes); }

// load2 and encode2: as load and encode, in update format v2. False: neither of them.
bool measures_v2(Case& bench, const Trace& trace, Doc& doc, Buffer& out) {
  if (bench.name == "load2") {
    Buffer v2;
    if (freshet::crdt::update_to_v2(trace.updates.at(0), v2) != Status::ok) die("no update");
    bench.prepare = [&doc] { doc = Doc(); };
    bench.work = [&doc, v2] {
      if (!doc.load_v2(v2)) die("refused");
    };
    bench.report = [&doc] { return describe(doc); };
    bench.drop = [&doc] { doc = Doc(); };
    return true;
  }
  if (bench.name != "encode2") return false;
  apply_all(doc, trace.updates);
  bench.prepare = [&out] { out.clear(); };
  bench.work = [&doc, &out] {
    if (doc.diff_v2({}, out) != Status::ok) die("the document does not encode");
  };
  return true;
}

// again: all updates once more, on a document that has them. False: not that.
bool measures_repetition(Case& bench, const Trace& trace, Doc& doc) {
  if (bench.name != "again") return false;
  bench.ops = trace.updates.size();
  apply_all(doc, trace.updates);
  bench.work = [&] { apply_all(doc, trace.updates); };
  bench.report = [&doc] { return describe(doc); };
  return true;
}

// typing, typing10: keystrokes in a document of one, or ten, such histories. False: neither.
bool measures_typing(Case& bench, const Trace& trace, Doc& doc) {
  if (bench.name != "typing" && bench.name != "typing10") return false;
  const auto typing =
      freshet::bench::typing_in_copies(trace.updates, bench.name == "typing" ? 1 : 10);
  bench.ops = typing.keystrokes.size();
  bench.prepare = [&doc, typing] {
    doc = Doc();
    if (!doc.load(typing.document)) die("the document does not load");
  };
  bench.work = [&doc, typing] {
    for (const Buffer& update : typing.keystrokes) {
      if (!doc.apply(update)) die("a keystroke was refused");
    }
  };
  bench.report = [&doc] { return describe(doc); };
  bench.drop = [&doc] { doc = Doc(); };
  return true;
}

void squash_all(const std::vector<std::vector<Buffer>>& windows, Buffer& out) {
  for (const std::vector<Buffer>& window : windows) {
    out.clear();
    const std::vector<Bytes> views(window.begin(), window.end());
    if (freshet::crdt::squash_updates(views, out) != Status::ok) die("does not squash");
  }
}

// squash: what one person types, in windows of 500 updates; squash-few: of five. squash-writers:
// what 16 people typed in a window, three keystrokes each and squashed before. An operation is one
// update that goes in. False: none of them.
bool measures_squash(Case& bench, const Trace& trace, Buffer& out) {
  const bool writers = bench.name == "squash-writers";
  if (!writers && bench.name != "squash" && bench.name != "squash-few") return false;
  const auto typing = freshet::bench::typing_in_copies(trace.updates, 1);
  std::vector<std::vector<Buffer>> windows;
  if (writers) {
    windows = freshet::bench::windows_of(typing, 16, 3);
  } else {
    const size_t size = bench.name == "squash" ? 500 : 5;
    for (size_t at = 0; at + size <= typing.keystrokes.size(); at += size) {
      const auto from = typing.keystrokes.begin() + static_cast<ptrdiff_t>(at);
      windows.emplace_back(from, from + static_cast<ptrdiff_t>(size));
    }
  }
  bench.ops = windows.size() * windows.at(0).size();
  bench.work = [&out, windows = std::move(windows)] { squash_all(windows, out); };
  return true;
}

int run(Case bench, const Trace& trace) {
  const std::string& kind = bench.name;
  Doc doc;
  Buffer out;
  std::string text;
  size_t total = 0;
  bench.report = [&] { return out_of(out.size()); };
  if (kind == "apply" || kind == "load") {
    bench.ops = trace.updates.size();
    use_the_program(trace.updates);
    bench.prepare = [&] { doc = Doc(); };
    bench.work = [&] { apply_all(doc, trace.updates); };
    bench.report = [&] { return describe(doc); };
    bench.drop = [&] { doc = Doc(); };
  } else if (kind == "encode-cold") {
    bench.prepare = [&] {
      doc = Doc();
      out = Buffer();
      apply_all(doc, trace.updates);
    };
    bench.work = [&] { (void)doc.diff({}, out); };
  } else if (kind == "encode" || kind == "sv" || kind == "text") {
    apply_all(doc, trace.updates);
    (void)doc.diff({}, out);
    bench.prepare = [&] {
      out.clear();
      text.clear();
    };
    if (kind == "encode") bench.work = [&] { (void)doc.diff({}, out); };
    if (kind == "sv") bench.work = [&] { doc.state_vector(out); };
    if (kind == "text") {
      bench.work = [&] { doc.text("text", text); };
      bench.report = [&] { return out_of(text.size()); };
    }
  } else if (kind == "decode") {
    bench.ops = trace.updates.size();
    bench.work = [&] {
      for (const Bytes update : trace.updates) {
        out.clear();
        if (freshet::crdt::state_vector_of(update, out) != Status::ok) die("does not decode");
      }
    };
  } else if (kind == "merge") {
    bench.ops = trace.updates.size();
    bench.prepare = [&] { out = Buffer(); };
    bench.work = [&] {
      if (freshet::crdt::merge_updates(trace.updates, out) != Status::ok) die("does not merge");
    };
  } else if (kind == "diffdoc" || kind == "diffupd") {
    const size_t count =
        std::min(trace.updates.size() - 1, kind == "diffupd" ? size_t{50} : trace.updates.size());
    bench.ops = count;
    apply_all(doc, {trace.updates[0]});
    const bool from_bytes = kind == "diffupd";
    bench.work = [&, count, from_bytes] {
      total = 0;
      for (size_t i = 1; i <= count; ++i) {
        out.clear();
        const Bytes vector = trace.updates[i];
        const Status status = from_bytes ? freshet::crdt::diff_update(trace.updates[0], vector, out)
                                         : doc.diff(vector, out);
        if (status != Status::ok) die("no state vector");
        total += out.size();
      }
    };
    bench.report = [&] { return out_of(total); };
  } else if (!measures_v2(bench, trace, doc, out) && !measures_typing(bench, trace, doc) &&
             !measures_repetition(bench, trace, doc) && !measures_squash(bench, trace, out)) {
    std::printf("engine=freshet case=%s unsupported=1\n", kind.c_str());
    return 0;
  }
  measure(bench);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) die("usage: engine-bench CASE FILE");
  const Trace trace(argv[2]);
  std::string stem = argv[2];
  stem.erase(0, stem.find_last_of('/') + 1);
  if (stem.ends_with(".upd")) stem.resize(stem.size() - 4);
  return run({.name = argv[1], .file = stem}, trace);
}
