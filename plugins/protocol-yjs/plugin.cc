#include "yjs_protocol.h"

FRESHET_PLUGIN(freshet::yjs::YjsProtocol)
