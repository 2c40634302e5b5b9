#include "app-webhook/dialect/hocuspocus.h"

#include "app-webhook/dialect/entry.h"
#include "app-webhook/dialect/first_state.h"
#include "app-webhook/dialect/prosemirror.h"
#include "app-webhook/dialect/query.h"
#include "app-webhook/signing/canonical_json.h"
#include "freshet/sink.h"

namespace freshet::webhook {
namespace {

constexpr std::string_view kNoRequest = ",\"requestHeaders\":{},\"requestParameters\":{}";

std::string begin(std::string_view event, std::string_view room) {
  return "{\"event\":" + json_string(event) + ",\"payload\":{\"documentName\":" + json_string(room);
}

std::string lower(std::string_view name) {
  std::string out(name);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

// As Node has them: names in lower case, what comes more than once joined by commas.
Fields headers_of(const freshet_request& request) {
  Fields out;
  for (size_t i = 0; i < request.header_count; ++i) {
    const auto [at, is_new] = out.try_emplace(lower(view(request.headers[i].name)));
    if (!is_new) at->second += ", ";
    at->second += view(request.headers[i].value);
  }
  return out;
}

std::string object_of(const Fields& fields) {
  std::string out = "{";
  for (const auto& [name, value] : fields) {
    if (out.size() > 1) out += ',';
    out += json_string(name) + ':' + json_string(value);
  }
  return out += '}';
}

}  // namespace

std::string hocuspocus_change(std::string_view room, std::string_view context, bool with_storage) {
  std::string out = begin("change", room) + ",\"context\":";
  (out += context) += kNoRequest;
  const size_t storage_at = out.size();
  out += "}}";
  return with_storage ? entry_with_storage(std::move(out), storage_at) : out;
}

std::string hocuspocus_disconnect(std::string_view room, std::string_view context) {
  std::string out = begin("disconnect", room) + std::string(kNoRequest) + ",\"context\":";
  return (out += context) += "}}";
}

std::string hocuspocus_create(std::string_view room) {
  return begin("create", room) + std::string(kNoRequest) + "}}";
}

std::string hocuspocus_connect(std::string_view room, const freshet_request* request) {
  if (request == nullptr) return begin("connect", room) + std::string(kNoRequest) + "}}";
  return begin("connect", room) + ",\"requestHeaders\":" + object_of(headers_of(*request)) +
         ",\"requestParameters\":" + object_of(query_of(view(request->target))) + "}}";
}

std::string context_of(freshet_str user) {
  const auto context = user.data == nullptr ? std::nullopt : canonical(view(user));
  return context && context->starts_with('{') ? *context : "{}";
}

Status read_create(std::string_view body, std::string& state, std::string& operations,
                   std::string& reason) {
  if (body.empty() || body == "null" || body == "\"\"" || body == "{}") return Status::not_found;
  const auto storage = member_of(body, "storage");
  if (storage && !storage->starts_with('{')) {
    const Status status = read_storage(*storage, state);
    if (status == Status::malformed) reason = "its storage is neither null nor base64";
    return status;
  }
  return prosemirror_edit(body, operations, reason);
}

}  // namespace freshet::webhook
