// The words of Hocuspocus' webhooks. That they are the same as the real extension's is shown by
// tests/interop/webhook-hocuspocus.test.mjs, with a backend that hears both.
#include "app-webhook/dialect/hocuspocus.h"

#include "app-webhook/dialect/entry.h"
#include "app-webhook/dialect/prosemirror.h"
#include "app-webhook/dialect/query.h"
#include "app-webhook/signing/signature.h"
#include "webhook_fixture.h"

namespace freshet::webhook {
namespace {

constexpr const char* kSignature = "x-hocuspocus-signature-256";

// An engine that makes the same of everything, and remembers what it was asked for.
class FakeEngine {
 public:
  const freshet_crdt* table() const { return &c_; }
  std::string operations;
  Status answer = Status::ok;

 private:
  static freshet_status edit(void* self, freshet_doc*, uint64_t client, freshet_bytes operations,
                             const freshet_sink* out) {
    auto& engine = *static_cast<FakeEngine*>(self);
    engine.operations = as_text(view(operations));
    EXPECT_NE(client, 0u);
    if (engine.answer != Status::ok) return freshet_status(engine.answer);
    return freshet_status(Sink(out).write(std::string_view("made")));
  }

  freshet_crdt c_ = [this] {
    freshet_crdt out{};
    out.size = sizeof(out);
    out.self = this;
    out.doc_create = [](void* self) { return static_cast<freshet_doc*>(self); };
    out.doc_destroy = [](void*, freshet_doc*) {};
    out.edit = edit;
    return out;
  }();
};

class HocuspocusWebhook : public Webhook {
 protected:
  HocuspocusWebhook() {
    host.set("dialect", "hocuspocus");
    host.set("events", std::vector<std::string>{"create", "change", "disconnect"});
    host.set("states", std::vector<std::string>{"change"});
    host.offer(FRESHET_CRDT_ID, engine.table());
  }

  void say(uint32_t kind, std::string_view user = {}, uint32_t message = 0) {
    freshet_notice notice{};
    notice.size = sizeof(notice);
    notice.kind = kind;
    notice.message = message;
    notice.room = to_c("r1");
    notice.unix_ms = clock.unix_ms();
    notice.user = user.empty() ? freshet_str{nullptr, 0} : to_c(user);
    EXPECT_EQ(app->notice(notice), Status::ok);
  }

  // What a room begins with, if the backend answers so.
  Status begin_with(const std::string& body, std::string& state) {
    backend.answer_with([body](const Request&) -> Answer { return {.body = body}; });
    testing::Answer answer;
    const Status status = app->initial_storage("r1", Reply(answer.reply()));
    state = answer.items().empty() ? "" : answer.items().front().text();
    return status;
  }

  FakeEngine engine;
};

TEST_F(HocuspocusWebhook, TellsAChangeWithItsDocumentInTheNameOfWhoEditedLast) {
  server.put("r1", "abcd");
  start();
  say(FRESHET_ROOM_MESSAGE, R"({"id":"ann"})", FRESHET_MESSAGE_UPDATE);
  say(FRESHET_ROOM_MESSAGE, R"({"id":"bob","n":1})", FRESHET_MESSAGE_UPDATE);
  say(FRESHET_ROOM_MESSAGE, R"({"id":"cat"})", FRESHET_MESSAGE_PRESENCE);
  say(FRESHET_STORAGE_UPDATED);
  say(FRESHET_USER_DISCONNECTED, R"({"id":"ann"})");
  ASSERT_TRUE(all_gone());
  const auto requests = backend.requests();
  ASSERT_EQ(requests.size(), 2u);
  EXPECT_EQ(requests[0].body,
            R"({"event":"change","payload":{"documentName":"r1","context":{"id":"bob","n":1},)"
            R"("requestHeaders":{},"requestParameters":{},"storage":"YWJjZA=="}})");
  EXPECT_EQ(requests[0].headers.at(kSignature), "sha256=" + hmac_sha256("whsec", requests[0].body));
  EXPECT_EQ(requests[1].body,
            R"({"event":"disconnect","payload":{"documentName":"r1","requestHeaders":{},)"
            R"("requestParameters":{},"context":{"id":"ann"}}})");
}

TEST_F(HocuspocusWebhook, ForgetsWhoEditedWithTheRoomAndKnowsNobodyWithoutAContext) {
  start();
  say(FRESHET_ROOM_MESSAGE, R"({"id":"ann"})", FRESHET_MESSAGE_UPDATE);
  say(FRESHET_ROOM_DELETED);
  say(FRESHET_STORAGE_UPDATED);
  say(FRESHET_ROOM_MESSAGE, R"("a text")", FRESHET_MESSAGE_UPDATE);
  say(FRESHET_STORAGE_UPDATED);
  ASSERT_TRUE(all_gone());
  for (const Request& request : backend.requests()) {
    EXPECT_EQ(Json::parse(request.body)["payload"]["context"], Json::object()) << request.body;
  }
  EXPECT_EQ(backend.count(), 2u);
}

TEST_F(HocuspocusWebhook, TellsOfChangesAloneUnlessToldOtherwise) {
  testing::FakeHost plain(kSettings);
  plain.set("url", backend.url());
  plain.set("secret", "s");
  plain.set("dialect", "hocuspocus");
  const auto options = settings_of<WebhookApp>(plain.host());
  ASSERT_TRUE(options) << plain.log();
  EXPECT_FALSE(options->initial_storage);
  EXPECT_EQ(options->states, 1u << FRESHET_STORAGE_UPDATED);
  EXPECT_EQ(options->notices & 1u << FRESHET_USER_DISCONNECTED, 0u);
  plain.set("events", std::vector<std::string>{"connect"});
  EXPECT_FALSE(settings_of<WebhookApp>(plain.host()));
  EXPECT_TRUE(plain.logged("events: \"connect\" is asked, not told: the plugin auth-webhook"))
      << plain.log();
}

TEST_F(HocuspocusWebhook, AsksForTheFirstStateAsBytes) {
  start();
  std::string state;
  EXPECT_EQ(begin_with(R"({"storage":"YWJjZA=="})", state), Status::ok);
  EXPECT_EQ(state, "abcd");
  EXPECT_EQ(backend.requests().front().body,
            R"({"event":"create","payload":{"documentName":"r1","requestHeaders":{},)"
            R"("requestParameters":{}}})");
  for (const char* none :
       {"", "null", "\"\"", "{}", R"({"storage":null})", R"({"default":{"type":"doc"}})",
        R"({"default":{"type":"doc","content":[]}})"}) {
    EXPECT_EQ(begin_with(none, state), Status::not_found) << none;
  }
  for (const char* wrong :
       {"Not today", "7", "[]", R"({"storage":7})", R"({"default":"text"})",
        R"({"default":{"content":[]}})", R"({"default":{"type":"doc","content":[{"text":"a"}]}})",
        R"({"default":{"type":"doc","content":[{"type":"text"}]}})"}) {
    EXPECT_EQ(begin_with(wrong, state), Status::malformed) << wrong;
  }
}

TEST_F(HocuspocusWebhook, MakesADocumentOfWhatIsDescribed) {
  start();
  std::string state;
  EXPECT_EQ(begin_with(R"({"default":{"type":"doc","content":[
      {"type":"heading","attrs":{"level":2,"id":null},"content":[{"type":"text","text":"Plans"}]},
      {"type":"paragraph","content":[{"type":"text","text":"a "},
        {"type":"text","text":"b","marks":[{"type":"bold"},{"type":"link","attrs":{"href":"/"}}]},
        {"type":"hardBreak"},{"type":"text","text":"c"}]},
      {"type":"paragraph"}]}})",
                       state),
            Status::ok);
  EXPECT_EQ(state, "made");
  EXPECT_EQ(Json::parse(engine.operations), Json::parse(R"([{
      "op":"push","root":"default","kind":"xml_fragment","contents":[
        {"xml_element":"heading","attributes":{"level":2},
         "children":[{"xml_text":[{"insert":"Plans"}]}]},
        {"xml_element":"paragraph","children":[
          {"xml_text":[{"insert":"a "},
                       {"insert":"b","attributes":{"bold":{},"link":{"href":"/"}}}]},
          {"xml_element":"hardBreak"},{"xml_text":[{"insert":"c"}]}]},
        {"xml_element":"paragraph"}]}])"));
}

TEST_F(HocuspocusWebhook, SaysWhyNoDocumentCanBeMade) {
  start();
  std::string state;
  const std::string small = R"({"default":{"type":"doc","content":[{"type":"paragraph"}]}})";
  engine.answer = Status::too_large;
  EXPECT_EQ(begin_with(small, state), Status::malformed);
  EXPECT_TRUE(host.logged("no document can be made of it (too large); give it as storage"))
      << host.log();
}

TEST(HocuspocusFirstDocument, IsBoundInDepthAndLength) {
  std::string reason, operations;
  const auto nested = [](int depth) {
    std::string out = R"({"default":{"type":"doc","content":[)";
    for (int i = 0; i < depth; ++i) out += R"({"type":"quote","content":[)";
    out += R"({"type":"paragraph"})";
    for (int i = 0; i < depth; ++i) out += "]}";
    return out + "]}}";
  };
  EXPECT_EQ(prosemirror_edit(nested(kMaxDepth - 1), operations, reason), Status::ok) << reason;
  EXPECT_EQ(prosemirror_edit(nested(kMaxDepth), operations, reason), Status::malformed);
  EXPECT_EQ(reason, "field \"default\" of its answer: it is nested too deep");
  EXPECT_EQ(prosemirror_edit(nested(100'000), operations, reason), Status::malformed);
  const std::string spaces(kMaxDocumentJsonBytes, ' ');
  EXPECT_EQ(prosemirror_edit(spaces + "{}", operations, reason), Status::malformed);
  EXPECT_EQ(reason, "its answer is too long for a document as JSON; give it as storage, in base64");
}

TEST(HocuspocusQuery, IsReadAsAPageWouldReadIt) {
  EXPECT_EQ(query_of("/yjs/r"), Fields());
  EXPECT_EQ(query_of("/yjs/r?"), Fields());
  EXPECT_EQ(query_of("/yjs/r?a=1&b=x%20y+z&c&=d&&a=%C3%A9#e=1"),
            (Fields{{"a", "\xc3\xa9"}, {"b", "x y z"}, {"c", ""}, {"", "d"}}));
}

}  // namespace
}  // namespace freshet::webhook
