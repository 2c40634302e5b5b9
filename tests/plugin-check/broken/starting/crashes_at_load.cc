// Crashes before anybody can ask it anything.
#include "../stores/broken_store.h"

namespace {
int* volatile nowhere = nullptr;
const int kReadAtLoad = *nowhere;
}  // namespace

BROKEN_PLUGIN(broken::Whole)
