#include "hocuspocus_protocol.h"

FRESHET_PLUGIN(freshet::hocuspocus::HocuspocusProtocol)
