// A history as one fuzz input: updates one after the other, each behind its length.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "freshet/bytes.h"

namespace freshet::fuzz {

using Buffer = std::vector<uint8_t>;
using History = std::vector<Buffer>;

// Any input is a history: a length that is wrong takes what is left.
History read_history(Bytes input);
Buffer write_history(const History& history);

// One change that keeps the form: an update twice, elsewhere or gone; a struct of one that names
// other clients, clocks, neighbours or parents, often such as are there; other deleted ranges. What
// only breaks the form is left to the fuzzer's own mutations of bytes.
void mutate(History& history, std::mt19937& random);

}  // namespace freshet::fuzz
