// Says `ok` when it has written nothing.
#include "kept_store.h"

using Forgets = broken::KeptStore<broken::Writes::at_the_end, true>;
FRESHET_PLUGIN(Forgets)
