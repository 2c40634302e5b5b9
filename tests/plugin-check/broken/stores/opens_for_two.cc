// Has no lock.
#include "kept_store.h"

using Opens = broken::KeptStore<broken::Writes::at_once, false>;
FRESHET_PLUGIN(Opens)
