#include "sim/verdict.h"

#include <algorithm>
#include <cstdio>

namespace freshet::sim {
namespace {

constexpr size_t kMostViolations = 50;  // a broken run repeats itself

}  // namespace

std::string_view name_of(Broken kind) {
  switch (kind) {
    case Broken::acknowledged_unsaved: return "acknowledged, not saved";
    case Broken::acknowledged_lost: return "acknowledged, then lost";
    case Broken::served_unsaved: return "served what is not saved";
    case Broken::served_half_loaded: return "served from a half-loaded room";
    case Broken::diverged: return "diverged";
    case Broken::presence: return "wrong presence";
    case Broken::turned_away: return "honest client turned away";
    case Broken::hostile_stayed: return "hostile client stayed";
    case Broken::hostile_passed_on: return "hostile bytes passed on";
    case Broken::app_misled: return "an app misled";
    case Broken::app_cut_off: return "an app cut off";
    case Broken::undecodable: return "undecodable bytes sent";

    case Broken::reader_bound: return "reader over its bound";
    case Broken::not_ready: return "readiness";
    case Broken::doubled: return "content doubled";
    case Broken::app_untold: return "an app not told";
    case Broken::bus_contract: return "bus contract";
    case Broken::store_contract: return "store contract";
    case Broken::platform_contract: return "platform contract";
    case Broken::leaked: return "leaked";
  }
  return "unknown";
}

void Verdict::broke(Broken kind, std::string what) {
  trace("BROKEN", std::string(name_of(kind)) + ": " + what);
  if (violations_.size() < kMostViolations) violations_.push_back({kind, std::move(what)});
}

void Verdict::trace(std::string_view who, std::string_view what) const {
  if (!trace_) return;
  std::printf("%10.3f ms  %-12.*s %.*s\n", static_cast<double>(timeline_.now_us()) / 1000.0,
              static_cast<int>(who.size()), who.data(), static_cast<int>(what.size()), what.data());
}

bool Verdict::saw(Broken kind) const {
  return std::any_of(violations_.begin(), violations_.end(),
                     [&](const Violation& v) { return v.kind == kind; });
}

std::string Verdict::summary() const {
  std::string out;
  for (const Violation& v : violations_) {
    out += std::string(name_of(v.kind)) + ": " + v.what + "\n";
  }
  return out;
}

}  // namespace freshet::sim
