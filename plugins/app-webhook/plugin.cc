#include "app-webhook/webhook_app.h"

using freshet::webhook::WebhookApp;

FRESHET_PLUGIN(WebhookApp)
