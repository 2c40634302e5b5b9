#include "core/check/run/one_test.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>

#include "core/check/limits.h"
#include "core/check/plugin/trial.h"

namespace freshet::check {
namespace {

using Json = nlohmann::ordered_json;

// Gathers what a test says, in the place of what GoogleTest prints.
class Ear final : public ::testing::EmptyTestEventListener {
 public:
  explicit Ear(Json& out) : out_(out) {}

  void OnTestPartResult(const ::testing::TestPartResult& part) override {
    if (part.skipped()) out_["skipped"] = part.message();
    if (!part.failed()) return;
    out_["failed"].push_back(part.message());
  }
  void OnTestEnd(const ::testing::TestInfo& test) override {
    const ::testing::TestResult& result = *test.result();
    for (int i = 0; i < result.test_property_count(); ++i) {
      const ::testing::TestProperty& property = result.GetTestProperty(i);
      out_["facts"][property.key()] = property.value();
    }
  }

 private:
  Json& out_;
};

std::string last_lines(const std::string& text) {
  if (text.size() <= kShownBytes) return text;
  const size_t from = text.find('\n', text.size() - kShownBytes);
  return from == std::string::npos ? text.substr(text.size() - kShownBytes) : text.substr(from + 1);
}

// One fault is often met in each round of a test.
std::string first_of(const std::vector<std::string>& all) {
  std::vector<std::string> told;
  std::string out;
  for (const std::string& each : all) {
    if (std::ranges::find(told, each) != told.end()) continue;
    told.push_back(each);
    if (told.size() <= kShownFaults) out += (out.empty() ? "" : "\n") + each;
  }
  if (told.size() > kShownFaults) {
    out += "\nand " + std::to_string(told.size() - kShownFaults) + " more like these";
  }
  return out;
}

std::string with(const std::string& what, const std::string& text) {
  return text.empty() ? "" : "\n" + what + ":\n" + text;
}

}  // namespace

std::string run_here(const std::string& full_name) {
  Trial& trial = Trial::here();
  Json out = Json::object();
  GTEST_FLAG_SET(filter, full_name);
  auto& listeners = ::testing::UnitTest::GetInstance()->listeners();
  delete listeners.Release(listeners.default_result_printer());
  listeners.Append(new Ear(out));
  trial.witness().watch_for_crashes();
  [[maybe_unused]] const int failed = RUN_ALL_TESTS();  // the ear has heard it
  for (const Breach& breach : trial.witness().breaches()) {
    out["breaches"].push_back({breach.rule, breach.what});
  }
  out["log"] = trial.log();
  return out.dump(-1, ' ', true, Json::error_handler_t::replace);
}

std::string how_it_ended(const Ended& ended, const Witness& witness, std::chrono::seconds limit) {
  if (ended.late) {
    return witness.where_it_hangs(limit);
  }
  if (ended.signal != 0) {
    return std::string("crashed (") + ::strsignal(ended.signal) + ") " + witness.where_it_crashed();
  }
  return "ended the process (exit code " + std::to_string(ended.code) + ") " +
         witness.where_it_was();
}

Report report_of(const std::string& name, const Ended& ended, const Witness& witness,
                 std::chrono::seconds limit) {
  Report out;
  out.verdict = {name, Outcome::passed, {}, ended.took};
  Verdict& verdict = out.verdict;
  const Json said = ended.done ? Json::parse(ended.said, nullptr, false) : Json();
  if (!said.is_object()) {
    verdict.outcome = Outcome::failed;
    verdict.why = how_it_ended(ended, witness, limit) + with("it printed", ended.printed);
    return out;
  }
  if (said.contains("skipped")) {
    verdict.outcome = Outcome::skipped;
    verdict.why = said["skipped"].get<std::string>();
  }
  if (said.contains("failed")) {
    verdict.outcome = Outcome::failed;
    verdict.why = first_of(said["failed"].get<std::vector<std::string>>());
    verdict.why += with("its log", last_lines(said.value("log", "")));
  }
  if (said.contains("breaches")) {
    for (const Json& each : said["breaches"]) out.breaches.push_back({each[0], each[1]});
  }
  if (said.contains("facts")) out.facts = said["facts"].get<std::map<std::string, std::string>>();
  return out;
}

}  // namespace freshet::check
