// crdt-player write SCRIPT STATE CONTENT, crdt-player load STATE CONTENT COPIES: what player.mjs
// does with other engines, with Freshet's. Prints a line of JSON: times in ns, sizes in bytes.
// Environment: BUDGET_S (1) of repeating.
#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#include "freshet/crdt/doc.h"
#include "freshet/crdt/transaction.h"
#include "play.h"
#include "program.h"

namespace {

using freshet::Status;
using freshet::bench::apply_all;
using freshet::bench::die;
using freshet::bench::elapsed_ns;
using freshet::bench::Played;
using freshet::bench::Step;
using freshet::bench::Trace;
using freshet::crdt::Doc;
using freshet::crdt::Shape;
using freshet::crdt::Transaction;
using freshet::crdt::Value;
using Buffer = std::vector<uint8_t>;
using Clock = std::chrono::steady_clock;
using Figures = std::map<std::string, double>;

constexpr size_t kMostRepetitions = 15;

// Once, and again while that is quick; of each figure the median.
template <typename Once>
Figures repeated(Once once) {
  const double budget_ns = freshet::bench::number_from("BUDGET_S", 1.0) * 1e9;
  std::map<std::string, std::vector<double>> samples;
  const auto start = Clock::now();
  size_t repetitions = 0;
  do {
    for (const auto& [name, value] : once(repetitions == 0)) samples[name].push_back(value);
  } while (++repetitions < kMostRepetitions && elapsed_ns(start) < budget_ns);
  Figures figures;
  for (auto& [name, values] : samples) {
    std::sort(values.begin(), values.end());
    figures[name] = values[values.size() / 2];
  }
  return figures;
}

void save(const char* path, std::string_view bytes) {
  if (!(std::ofstream(path, std::ios::binary) << bytes)) die(std::string("cannot write ") + path);
}

// What is in a document, as JSON.
std::string content_of(const Doc& doc) {
  std::string json = "{\"text\":";
  doc.json("text", Shape::text, json);
  doc.json("list", Shape::array, json += ",\"list\":");
  doc.json("map", Shape::map, json += ",\"map\":");
  return json + "}";
}

Buffer state_of(const Doc& doc) {
  Buffer state;
  if (doc.diff({}, state) != Status::ok) die("the document does not encode");
  return state;
}

size_t v2_bytes(const Doc& doc) {
  Buffer state;
  if (doc.diff_v2({}, state) != Status::ok) die("the document does not encode");
  return state.size();
}

template <typename Work>
double timed(Work work) {
  const auto start = Clock::now();
  work();
  return elapsed_ns(start);
}

Figures write_once(const std::vector<Step>& steps, const char* state_file,
                   const char* content_file) {
  Played played;
  Doc reader, late;
  Buffer state;
  Figures figures;
  figures["edit_ns"] = timed([&] { played = play(steps); });
  figures["apply_ns"] = timed([&] { apply_all(reader, played.updates); });
  figures["together_ns"] = timed([&] { apply_all(late, played.updates); });
  figures["encode_ns"] = timed([&] { state = state_of(late); });
  const double sum = std::transform_reduce(
      played.updates.begin(), played.updates.end(), 0.0, std::plus<>(),
      [](const Buffer& update) { return static_cast<double>(update.size()); });
  const auto updates = static_cast<double>(played.updates.size());
  for (const char* all : {"edits", "edited", "applied", "updates"}) figures[all] = updates;
  figures["update_bytes"] = sum / updates;
  figures["state_bytes"] = static_cast<double>(state.size());
  figures["smallest_bytes"] = static_cast<double>(v2_bytes(late));
  if (content_file == nullptr) return figures;
  // Who worked alone, or met the others in the end, has what a reader has.
  const bool met = played.authors.size() == 1 || steps.back().what == Step::Do::meet;
  if (met && content_of(played.authors[0]->doc) != content_of(late)) {
    die("a reader ends elsewhere than an author");
  }
  save(content_file, content_of(late));
  save(state_file, {reinterpret_cast<const char*>(state.data()), state.size()});
  return figures;
}

Buffer read_file(const char* path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) die(std::string("cannot read ") + path);
  return Buffer(std::istreambuf_iterator<char>(in), {});
}

// Loaded, and read once: there are engines that decode what is asked for, and not before.
Doc opened(const Buffer& state) {
  Doc doc;
  if (!doc.load(state)) die("the state was refused");
  std::string read;
  doc.text("text", read);
  doc.json("list", Shape::array, read);
  doc.json("map", Shape::map, read);
  return doc;
}

// An edit in the middle of what there is. Engines may put off until the first one what others do
// while they load.
void touch(Doc& doc) {
  constexpr uint64_t kReader = 77;
  Transaction edit(doc, kReader);
  const auto text = edit.root("text"), list = edit.root("list");
  const uint64_t units = edit.length(text), elements = edit.length(list);
  Status status = Status::ok;
  if (units > 0) {
    status = edit.insert(text, units / 2, "x");
  } else if (elements > 0) {
    status = edit.insert(list, elements / 2, {Value(1)});
  } else {
    status = edit.set(edit.root("map"), "key", Value(1));
  }
  Buffer update;
  if (status != Status::ok || !edit.commit(update)) die("an edit was refused");
}

double resident_bytes() {
  malloc_trim(0);
  return static_cast<double>(freshet::bench::status_kb("VmRSS")) * 1024;
}

// Of documents that were loaded and read, and then edited. The first ones bring what all further
// ones share: the program's pages, room that loading needs.
Figures memory_of_one(const Buffer& state, size_t copies) {
  const size_t first = 1 + copies / 4;
  std::vector<Doc> held;
  held.reserve(first + copies);
  while (held.size() < first) held.push_back(opened(state));
  const double none = resident_bytes();
  while (held.size() < first + copies) held.push_back(opened(state));
  const double loaded = resident_bytes();
  for (size_t i = 0; i < first; ++i) touch(held[i]);
  const double before = resident_bytes();
  for (size_t i = first; i < held.size(); ++i) touch(held[i]);
  const double edited = resident_bytes();
  const auto count = static_cast<double>(copies);
  return {{"memory_bytes", (loaded - none) / count},
          {"in_use_bytes", (loaded - none + edited - before) / count},
          {"copies", count}};
}

Figures load(const char* state_file, const char* content_file, size_t copies) {
  const Buffer state = read_file(state_file);
  Figures figures = copies > 0 ? memory_of_one(state, copies) : Figures();
  figures.merge(repeated([&](bool first) {
    Doc doc;
    const double load_ns = timed([&] { doc = opened(state); });
    if (first) save(content_file, content_of(doc));
    return Figures{{"load_ns", load_ns}, {"ready_ns", load_ns + timed([&] { touch(doc); })}};
  }));
  return figures;
}

void print(const Figures& figures) {
  std::string line;
  for (const auto& [name, value] : figures) {
    line += (line.empty() ? "{\"" : ",\"") + name + "\":" + std::to_string(value);
  }
  std::puts((line + "}").c_str());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) die("usage: crdt-player write SCRIPT STATE CONTENT | load STATE CONTENT COPIES");
  const std::string_view what = argv[1];
  if (what == "load") {
    print(load(argv[2], argv[3], std::strtoul(argv[4], nullptr, 10)));
  } else if (what == "write") {
    const Trace script(argv[2]);
    const std::vector<Step> steps = steps_of(script);
    print(repeated(
        [&](bool first) { return write_once(steps, argv[3], first ? argv[4] : nullptr); }));
  } else {
    die("write or load");
  }
  return 0;
}
