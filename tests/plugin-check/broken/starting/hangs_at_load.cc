// Does not come back from being loaded.
#include <unistd.h>

#include "../stores/broken_store.h"

namespace {
int wait_for_ever() {
  while (true) ::pause();
}
const int kNever = wait_for_ever();
}  // namespace

BROKEN_PLUGIN(broken::Whole)
