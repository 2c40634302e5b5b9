#include "studio/studio.h"

FRESHET_PLUGIN(freshet::studio::Studio)
