#include "core/check/run/printing.h"

#include <algorithm>
#include <sstream>

#include "core/report/printable.h"

namespace freshet::check {
namespace {

using Json = nlohmann::ordered_json;

const char* word(Outcome outcome) {
  switch (outcome) {
    case Outcome::passed: return "passed";
    case Outcome::failed: return "failed";
    default: return "skipped";
  }
}

// Each line of a text, moved to the right, and safe for a terminal.
std::string indented(const std::string& text) {
  std::string out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) out += "    " + printable(line) + "\n";
  return out;
}

std::string joined(const Json& words) {
  std::string out;
  for (const Json& each : words) out += (out.empty() ? "" : ", ") + each.get<std::string>();
  return out.empty() ? "nothing" : printable(out);
}

// Those that were skipped for one reason are one line.
void print_skipped(std::ostream& out, const std::vector<Verdict>& verdicts) {
  std::vector<std::string> told;
  for (const Verdict& one : verdicts) {
    if (one.outcome != Outcome::skipped || std::ranges::find(told, one.why) != told.end()) continue;
    told.push_back(one.why);
    const auto same = std::ranges::count_if(verdicts, [&](const Verdict& other) {
      return other.outcome == Outcome::skipped && other.why == one.why;
    });
    out << "skipped: " << one.name;
    if (same > 1) out << " and " << same - 1 << " more";
    out << ": " << printable(one.why) << "\n";
  }
}

void print_setting(std::ostream& out, const Json& setting) {
  out << "    " << printable(setting["key"].get<std::string>()) << ": "
      << printable(setting["takes"].get<std::string>());
  if (setting["required"]) out << "; required";
  if (setting["secret"]) out << "; secret";
  if (setting["default"].is_string()) {
    const std::string text = setting["default"];
    out << "; default " << (text.empty() ? "empty" : printable(text));
  }
  out << "\n";
  if (setting["help"].is_string()) {
    out << "        " << printable(setting["help"].get<std::string>()) << "\n";
  }
}

}  // namespace

size_t count(const std::vector<Verdict>& verdicts, Outcome outcome) {
  return static_cast<size_t>(std::ranges::count(verdicts, outcome, &Verdict::outcome));
}

std::string progress(const Verdict& verdict) {
  return std::string(word(verdict.outcome)) + " " + verdict.name + " (" +
         std::to_string(verdict.took.count()) + " ms)\n";
}

std::string report_text(const Checked& checked, const std::vector<Verdict>& verdicts) {
  std::ostringstream out;
  for (const Verdict& one : verdicts) {
    if (one.outcome != Outcome::failed) continue;
    out << "failed: " << one.name << "\n"
        << indented(one.why) << "    again: " << printable(checked.command) << " --filter "
        << one.name << " --reproduce " << checked.seed << "\n";
  }
  print_skipped(out, verdicts);
  out << printable(checked.file) << ": " << count(verdicts, Outcome::passed) << " passed, "
      << count(verdicts, Outcome::failed) << " failed, " << count(verdicts, Outcome::skipped)
      << " skipped; seed " << checked.seed << "\n";
  return out.str();
}

Json report_json(const Checked& checked, const std::vector<Verdict>& verdicts) {
  Json out{{"file", checked.file}, {"seed", checked.seed}, {"tests", Json::array()}};
  for (const Verdict& one : verdicts) {
    Json test{{"name", one.name}, {"outcome", word(one.outcome)}, {"ms", one.took.count()}};
    if (!one.why.empty()) test["why"] = one.why;
    out["tests"].push_back(std::move(test));
  }
  out["passed"] = count(verdicts, Outcome::passed);
  out["failed"] = count(verdicts, Outcome::failed);
  out["skipped"] = count(verdicts, Outcome::skipped);
  return out;
}

std::string inspection_text(const Json& about) {
  std::ostringstream out;
  const auto text = [&](const char* key) { return printable(about[key].get<std::string>()); };
  out << text("id") << " " << text("version") << " (" << text("licence") << "): " << text("summary")
      << "\n"
      << "  file: " << text("file") << "\n"
      << "  ABI: version " << about["abi"] << ", a descriptor of " << about["descriptor_bytes"]
      << " bytes\n"
      << "  offers: " << joined(about["offers"]) << "\n"
      << "  needs: " << joined(about["needs"]) << "\n"
      << "  exports: " << joined(about["exports"]) << "\n"
      << "  loading it: " << about["threads"] << " threads, " << about["files"] << " open files\n";
  for (const auto& [key, words] :
       {std::pair("shared", "many processes may have its store at once"),
        std::pair("restores", "puts a backup in the place of its store"),
        std::pair("judges_settings", "judges its settings beyond the schema")}) {
    if (about[key]) out << "  " << words << "\n";
  }
  if (!about["settings"].empty()) out << "  settings:\n";
  for (const Json& setting : about["settings"]) print_setting(out, setting);
  for (const Json& fault : about["faults"]) {
    out << "  wrong: " << printable(fault.get<std::string>()) << "\n";
  }
  return out.str();
}

}  // namespace freshet::check
