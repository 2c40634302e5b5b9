#include "pluv_protocol.h"

FRESHET_PLUGIN(freshet::pluv::PluvProtocol)
