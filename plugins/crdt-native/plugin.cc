#include "crdt-native/native_crdt.h"

FRESHET_PLUGIN(freshet::NativeCrdt)
