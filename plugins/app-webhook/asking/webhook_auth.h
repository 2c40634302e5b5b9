// plugins/app-webhook/asking/webhook_auth.h: who somebody is, asked of the backend: `connect` of
// Hocuspocus' webhooks. What it answers becomes the user, which is what those call the context.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "app-webhook/asking/http_clients.h"
#include "app-webhook/dialect/dialect.h"
#include "app-webhook/options/options.h"
#include "freshet/plugin.h"
#include "plugin_version.h"

namespace freshet::webhook {

class WebhookAuth final : public Auth {
 public:
  static constexpr freshet_setting kSettings[] = {
      setting::required(setting::text("url", nullptr, "Where it is asked who comes.")),
      setting::secret(setting::text("secret", nullptr, "What the questions are signed with.")),
      setting::text("secret_file", nullptr, "A file with the secret, instead of `secret`."),
      setting::boolean("allow_http", "false",
                       "Ask at an http: url of another machine: everybody between may read it."),
      setting::text("ca_file", "", "Certificates to trust, in PEM; left out: the system's."),
      setting::text("proxy", "", "An HTTP proxy on the way, as http://host:port; left out: none."),
      setting::integer("timeout_ms", "8 s", 10, kMaxTimeoutMs, "ms",
                       "How long the backend may take; below limits.auth_deadline_ms."),
      setting::boolean("with_token", "false",
                       "Tell the backend, as payload.token, the token that a wire has read."),
  };
  static constexpr About kAbout{
      .id = "auth-webhook",
      .version = kPluginVersion,
      .summary = "Asks a backend over HTTP who comes, as Hocuspocus' webhooks do.",
      .settings = kSettings,
  };

  struct Settings {
    Options options;
    bool with_token = false;
  };
  static Settings read_settings(Given given, Faults& faults);
  static Result<std::unique_ptr<WebhookAuth>> create(Host host, Settings settings);

  Status identify(const freshet_auth_request& request, Reply out) override;

 private:
  WebhookAuth(Host host, Settings settings);

  std::string question(const freshet_auth_request& request) const;
  Status refuse(const freshet_auth_request& request, Status status, const std::string& why) const;

  const Settings settings_;
  const Speech speech_{settings_.options};
  const Host host_;
  HttpClients clients_{settings_.options};
  Metric accepted_, refused_;
};

}  // namespace freshet::webhook
