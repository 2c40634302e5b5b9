#include "auth-jwt/jwt_auth.h"

FRESHET_PLUGIN(freshet::jwt::JwtAuth)
