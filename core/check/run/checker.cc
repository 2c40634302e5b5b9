#include "core/check/run/checker.h"

#include <algorithm>

#include "core/check/plugin/probe.h"

namespace freshet::check {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kLoads = "plugin.IsLoaded";
constexpr const char* kCreates = "plugin.IsCreatedAndDestroyedTwice";

// What can be tried of a plugin that is not created.
constexpr std::string_view kUncreated[] = {"plugin.ShowsItsEntryAlone",
                                           "plugin.DoesNothingWhenItIsLoaded",
                                           "plugin.JudgesItsSettingsWithoutAWorld"};

// What holds in all calls of all tests.
constexpr const char* kRules[] = {"AnswersOnce", "AnswersWithSense", "AsksWithSense",
                                  "AsksInCreate", "ThrowsNothing"};

std::string lines(const Json& list) {
  std::string out;
  for (const Json& each : list) {
    out += (out.empty() ? "" : "\n") + each.get<std::string>();
  }
  return out;
}

}  // namespace

Json Checker::look() {
  trial_.witness().forget();
  const Ended ended = run_apart(
      [this] {
        trial_.witness().watch_for_crashes();
        return probe(trial_).dump(-1, ' ', true, Json::error_handler_t::replace);
      },
      limit_);
  Json out = ended.done ? Json::parse(ended.said, nullptr, false) : Json();
  if (out.is_object()) return out;
  out = Json{{"reason", how_it_ended(ended, trial_.witness(), limit_)}};
  if (!ended.printed.empty()) out["printed"] = ended.printed;
  return out;
}

const std::vector<Verdict>& Checker::run(const std::function<void()>& make_tests) {
  const bool loaded = load();
  make_tests();
  plan_ = plan_for(offers_, parts_);
  if (!loaded) {
    skip_rest("it is not loaded");
  } else if (const std::string lacking = about_["lacking"]; !lacking.empty()) {
    for (const Planned& test : plan_) {
      if (test.group == "plugin" && test.name != kCreates) try_one(test);
    }
    skip_rest(lacking);
  } else if (create()) {
    plan_ = plan_for(offers_, parts_);
    for (const Planned& test : plan_) try_one(test);
  } else {
    for (const Planned& test : plan_) {
      if (std::ranges::find(kUncreated, test.name) != std::end(kUncreated)) try_one(test);
    }
    skip_rest("it is not created");
  }
  tell_of_rules();
  return verdicts_;
}

bool Checker::load() {
  const auto began = std::chrono::steady_clock::now();
  about_ = look();
  Verdict verdict{kLoads, Outcome::passed, {}, {}};
  const auto took = std::chrono::steady_clock::now() - began;
  verdict.took = std::chrono::duration_cast<std::chrono::milliseconds>(took);
  const bool loaded = !about_.contains("reason");
  if (!loaded) {
    verdict.outcome = Outcome::failed;
    verdict.why = about_["reason"];
  } else {
    offers_ = about_["offers"].get<std::vector<std::string>>();
    trial_.set_facts(
        {.keeps = about_["keeps"], .shared = about_["shared"], .lacking = about_["lacking"]});
    parts_.shared = trial_.facts().shared;
    const std::string faults = lines(about_["faults"]);
    if (!faults.empty()) {
      verdict.outcome = Outcome::failed;
      verdict.why = faults;
    }
  }
  tried_.push_back(kLoads);
  tell(std::move(verdict));
  return loaded;
}

// Whether it is comes first: without it nothing else can be tried.
bool Checker::create() {
  const auto test = std::ranges::find(plan_, kCreates, &Planned::name);
  const Report report =
      report_of(kCreates, run_apart([&] { return run_here(test->full_name); }, limit_),
                trial_.witness(), limit_);
  const auto is_there = [&](const char* part) {
    const auto fact = report.facts.find(part);
    return fact != report.facts.end() && fact->second == "yes";
  };
  parts_.outbox = is_there("outbox");
  parts_.kept = is_there("kept");
  for (const Breach& breach : report.breaches) breaches_.emplace_back(breach, kCreates);
  tried_.push_back(kCreates);
  const bool created = report.verdict.outcome == Outcome::passed;
  if (created && !wants(kCreates)) return true;
  verdicts_.push_back(report.verdict);
  hear_(report.verdict);
  return created;
}

void Checker::try_one(const Planned& test) {
  if (!wants(test.name) || std::ranges::find(tried_, test.name) != tried_.end()) return;
  tried_.push_back(test.name);
  trial_.witness().forget();
  const Ended ended = run_apart([&] { return run_here(test.full_name); }, limit_);
  Report report = report_of(test.name, ended, trial_.witness(), limit_);
  for (const Breach& breach : report.breaches) breaches_.emplace_back(breach, test.name);
  tell(std::move(report.verdict));
}

void Checker::tell(Verdict verdict) {
  if (!wants(verdict.name) && verdict.outcome != Outcome::failed) return;
  verdicts_.push_back(std::move(verdict));
  hear_(verdicts_.back());
}

void Checker::skip_rest(const std::string& why) {
  for (const Planned& test : plan_) {
    if (std::ranges::find(tried_, test.name) != tried_.end()) continue;
    tell({test.name, Outcome::skipped, why, {}});
  }
}

// A rule that was broken in many tests is one fault.
void Checker::tell_of_rules() {
  for (const std::string rule : kRules) {
    Verdict verdict{"plugin." + rule, Outcome::passed, {}, {}};
    std::vector<std::string> told;
    for (const auto& [breach, test] : breaches_) {
      if (breach.rule != rule || std::ranges::find(told, breach.what) != told.end()) continue;
      told.push_back(breach.what);
      verdict.outcome = Outcome::failed;
      verdict.why += (verdict.why.empty() ? "" : "\n") + breach.what + " (in " + test + ")";
    }
    tell(std::move(verdict));
  }
}

}  // namespace freshet::check
