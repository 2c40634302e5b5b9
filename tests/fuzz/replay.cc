// The main of a fuzz target without libFuzzer: `fuzz_NAME FOLDER` runs every file of the folder,
// everything that one of them begins with, and mutations of them from a fixed seed.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <set>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);
// A target may have one of its own, which keeps the form of its input.
extern "C" [[gnu::weak]] size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                                        unsigned seed);

namespace {

constexpr int kMutationsPerFile = 2000;
constexpr size_t kMaxBeginnings = 4096;
constexpr size_t kMaxInput = size_t{64} << 10;

size_t runs = 0;

// In memory of exactly its size, so that a sanitizer sees a read past it.
void run(const std::vector<uint8_t>& input) {
  const std::vector<uint8_t> exact(input);
  LLVMFuzzerTestOneInput(exact.data(), exact.size());
  ++runs;
}

std::vector<uint8_t> mutated(std::vector<uint8_t> input, std::mt19937& random) {
  const auto below = [&](size_t n) { return static_cast<size_t>(random()) % n; };
  for (size_t i = 1 + below(4); i > 0 && !input.empty(); --i) {
    const size_t at = below(input.size());
    const auto place = input.begin() + static_cast<ptrdiff_t>(at);
    switch (below(4)) {
      case 0: input[at] = static_cast<uint8_t>(random()); break;
      case 1: input[at] ^= static_cast<uint8_t>(1u << below(8)); break;
      case 2: input.erase(place); break;
      default: input.insert(place, static_cast<uint8_t>(random())); break;
    }
  }
  return input;
}

std::vector<uint8_t> mutated_in_form(std::vector<uint8_t> input, std::mt19937& random) {
  if (LLVMFuzzerCustomMutator == nullptr) return mutated(std::move(input), random);
  const size_t size = input.size();
  const auto seed = static_cast<unsigned>(random());
  input.resize(kMaxInput);
  input.resize(LLVMFuzzerCustomMutator(input.data(), size, input.size(), seed));
  return input;
}

}  // namespace

// libFuzzer's own mutations, for custom mutators that want one of them.
extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size) {
  std::mt19937 random(static_cast<unsigned>(size));
  const std::vector<uint8_t> out = mutated({data, data + size}, random);
  const size_t kept = std::min(out.size(), max_size);
  std::copy_n(out.begin(), kept, data);
  return kept;
}

int main(int argc, char** argv) {
  run({});
  std::mt19937 random(20260101);  // NOLINT: the same mutations every time are the point
  for (int i = 1; i < argc; ++i) {
    // By name, so that every machine runs the same mutations.
    const std::filesystem::directory_iterator folder(argv[i]);
    const std::set<std::filesystem::path> files(begin(folder), end(folder));
    for (const auto& file : files) {
      std::ifstream in(file, std::ios::binary);
      const std::vector<uint8_t> seed{std::istreambuf_iterator<char>(in), {}};
      run(seed);
      for (size_t size = 0; size < seed.size() && size < kMaxBeginnings; ++size) {
        run({seed.begin(), seed.begin() + static_cast<ptrdiff_t>(size)});
      }
      for (int n = 0; n < kMutationsPerFile; ++n) run(mutated_in_form(seed, random));
    }
  }
  std::printf("%zu inputs\n", runs);
  return runs > 1 ? 0 : 1;
}
