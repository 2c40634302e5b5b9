#include "server_watch.h"

namespace freshet::load {

bool ServerWatch::look() {
  if (pid_ == 0) return true;
  auto use = read_process_use(pid_);
  if (!use) return false;
  last_ = std::move(*use);
  const uint64_t peak = peak_is_ours_ ? last_.peak_rss_bytes : last_.rss_bytes;
  peak_rss_ = std::max(peak_rss_, peak);
  if (measuring_) measured_peak_rss_ = std::max(measured_peak_rss_, peak);
  if (first_rss_ == 0) {
    first_rss_ = last_.rss_bytes;
    peak_is_ours_ = forget_peak(pid_);
  }
  return true;
}

void ServerWatch::measuring_begins() {
  look();
  from_ = last_;
  if (pid_ != 0) peak_is_ours_ = forget_peak(pid_);
  measured_peak_rss_ = last_.rss_bytes;
  measuring_ = true;
}

void ServerWatch::measuring_ends() {
  look();
  to_ = last_;
  measuring_ = false;
}

CpuTime ServerWatch::used() const {
  const CpuTime coarse = to_.cpu - from_.cpu;
  const double exact = to_.run_s - from_.run_s;
  if (coarse.total() <= 0 || exact <= 0) return {std::max(exact, 0.0), 0};
  return {exact * coarse.user_s / coarse.total(), exact * coarse.system_s / coarse.total()};
}

std::vector<std::pair<std::string, CpuTime>> ServerWatch::threads() const {
  std::vector<std::pair<std::string, CpuTime>> all;
  for (const auto& [name, use] : to_.threads) {
    const auto before = from_.threads.find(name);
    all.emplace_back(name, before == from_.threads.end() ? use : use - before->second);
  }
  std::sort(all.begin(), all.end(),
            [](const auto& a, const auto& b) { return a.second.total() > b.second.total(); });
  return all;
}

}  // namespace freshet::load
