// core/guard/limits.h: when what stands still is looked at, and told of.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace freshet {

inline constexpr std::chrono::milliseconds kLook{250};
// Of the time between two looks, what is believed: a process that was stopped has not hung.
inline constexpr uint64_t kMostBetweenLooksMs = 500;

// What stands still is told of when it has for so long, then, and each so long after that.
inline constexpr uint64_t kHangsMs = 1000;
inline constexpr uint64_t kHangsAgainMs = 10'000;
inline constexpr uint64_t kHangsEachMs = 60'000;

// What is kept of what a process apart has printed.
inline constexpr size_t kPrintedBytes = 1500;
// For all plugins of a manifest to be loaded apart: some milliseconds are usual.
inline constexpr std::chrono::seconds kTrialLoad{10};

}  // namespace freshet
