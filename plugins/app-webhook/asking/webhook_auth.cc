#include "app-webhook/asking/webhook_auth.h"

#include <curl/curl.h>
#include <sodium.h>

#include "app-webhook/dialect/first_state.h"
#include "app-webhook/dialect/hocuspocus.h"
#include "app-webhook/options/named_files.h"
#include "app-webhook/sending/shown.h"
#include "app-webhook/signing/canonical_json.h"

namespace freshet::webhook {

WebhookAuth::Settings WebhookAuth::read_settings(Given given, Faults& faults) {
  Settings out;
  out.options.dialect = Dialect::hocuspocus;
  read_backend(given, faults, out.options);
  out.with_token = given.flag("with_token");
  return out;
}

Result<std::unique_ptr<WebhookAuth>> WebhookAuth::create(Host host, Settings settings) {
  if (sodium_init() < 0 || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
    host.error("libsodium or libcurl does not start");
    return Status::internal;
  }
  FRESHET_CHECK(read_named_files(settings.options, host));
  return std::unique_ptr<WebhookAuth>(new WebhookAuth(host, std::move(settings)));
}

WebhookAuth::WebhookAuth(Host host, Settings settings)
    : settings_(std::move(settings)),
      host_(host),
      accepted_(host.counter("freshet_auth_accepted_total", "Requests with a good token.")),
      refused_(host.counter("freshet_auth_refused_total", "Requests without one.")) {}

std::string WebhookAuth::question(const freshet_auth_request& request) const {
  std::string body = hocuspocus_connect(view(request.room), request.request);
  if (!settings_.with_token || request.token.data == nullptr) return body;
  body.resize(body.size() - 2);  // the brackets of payload and body
  return body + ",\"token\":" + json_string(view(request.token)) + "}}";
}

Status WebhookAuth::identify(const freshet_auth_request& request, Reply out) {
  const std::string body = question(request);
  const HttpAnswer answer = clients_.ask(body, speech_.signature(body, request.unix_ms));
  const Judgement judgement = speech_.judge(answer);
  if (answer.cut) return refuse(request, Status::internal, "the answer is too long");
  if (judgement.verdict == Verdict::refused) {
    const Status status = answer.status == 401 ? Status::unauthenticated : Status::denied;
    return refuse(request, status, judgement.reason);
  }
  if (judgement.verdict == Verdict::unavailable) {
    return refuse(request, Status::retry, judgement.reason);
  }
  const auto context = canonical(answer.body);
  const bool has_user = context && context->starts_with('{');
  if (has_user) FRESHET_CHECK(out.write(FRESHET_AUTH_USER, *context));
  const bool read_only = has_user && member_of(*context, "readOnly") == "true";
  FRESHET_CHECK(out.write(FRESHET_AUTH_PERMISSION,
                          uint64_t{read_only ? FRESHET_READ_ONLY : FRESHET_READ_WRITE}));
  accepted_.add();
  return Status::ok;
}

Status WebhookAuth::refuse(const freshet_auth_request& request, Status status,
                           const std::string& why) const {
  host_.info("refused somebody for room " + shown(view(request.room)) + " (" +
             std::string(name_of(status)) + "): " + why);
  refused_.add();
  return status;
}

}  // namespace freshet::webhook
