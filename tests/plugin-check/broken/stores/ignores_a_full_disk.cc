// Writes at once, and does not look at what became of it.
#include "kept_store.h"

using Ignores = broken::KeptStore<broken::Writes::carelessly, true>;
FRESHET_PLUGIN(Ignores)
