// Built without the SDK's linker script.
#include "../stores/broken_store.h"

extern "C" FRESHET_EXPORT int somebody_elses_name();
int somebody_elses_name() { return 1; }

BROKEN_PLUGIN(broken::Whole)
