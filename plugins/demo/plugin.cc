#include "demo/demo.h"

FRESHET_PLUGIN(freshet::demo::Demo)
