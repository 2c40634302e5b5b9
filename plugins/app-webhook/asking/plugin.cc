#include "app-webhook/asking/webhook_auth.h"

using freshet::webhook::WebhookAuth;

FRESHET_PLUGIN(WebhookAuth)
