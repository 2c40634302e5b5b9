#include "jwt_auth.h"

FRESHET_PLUGIN(freshet::jwt::JwtAuth)
