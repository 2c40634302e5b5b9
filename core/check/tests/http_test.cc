// Routes: every request is answered, with an answer that can be sent.
#include <thread>

#include "core/check/limits.h"
#include "core/check/tests/opened.h"

namespace freshet::check {
namespace {

class HttpPlugin : public PluginTest {
 protected:
  const freshet_http* http() { return plugin().service<freshet_http>(); }
  std::vector<std::string> routes() {
    std::vector<std::string> out;
    const ItemSink sink([&](Bytes item) {
      out.emplace_back(as_text(item));
      return Status::ok;
    });
    EXPECT_EQ(Status{http()->routes(http()->self, sink.c())}, Status::ok);
    return out;
  }

  void ask(const std::string& method, const std::string& target, const std::string& body,
           const std::string& authorization = {}) {
    const freshet_header headers[] = {
        {to_c(std::string_view("Host")), to_c(std::string_view("localhost"))},
        {to_c(std::string_view("Content-Type")), to_c(std::string_view("application/json"))},
        {to_c(std::string_view("Authorization")), to_c(std::string_view(authorization))}};
    freshet_request request{};
    request.size = sizeof(request);
    request.method = to_c(std::string_view(method));
    request.target = to_c(std::string_view(target));
    request.peer = to_c(std::string_view("192.0.2.1"));
    request.headers = headers;
    request.header_count = authorization.empty() ? 2 : 3;
    request.body = to_c(as_bytes(body));
    testing::Answer answer;
    http()->answer(http()->self, &request, answer.reply());
    if (answer.wait() != Status::ok) return;
    for (const auto& item : answer.items()) {
      EXPECT_EQ(nonsense(item), "") << "in the answer to " << method << " " << target.substr(0, 80);
    }
  }

 private:
  static std::string nonsense(const testing::Answer::Item& item) {
    if (item.kind == FRESHET_HTTP_STATUS && (item.number < 200 || item.number > 599)) {
      return "status " + std::to_string(item.number);
    }
    if (item.kind == FRESHET_HTTP_HEADER) {
      const std::string text = item.text();
      const size_t colon = text.find(':');
      if (colon == 0 || colon == std::string::npos) return "a header that is none: " + text;
      if (text.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
        return "a header with the end of a line in it: whoever asked may have put another there";
      }
    }
    if (item.kind < FRESHET_HTTP_STATUS || item.kind > FRESHET_HTTP_BODY) {
      return "an item of kind " + std::to_string(item.kind);
    }
    return {};
  }
};

TEST_F(HttpPlugin, NamesRoutes) {
  std::vector<std::string> seen;
  for (const std::string& route : routes()) {
    EXPECT_TRUE(route.starts_with('/')) << "\"" << route << "\" does not begin with a /";
    EXPECT_EQ(std::ranges::count(seen, route), 0) << route << " is there twice";
    seen.push_back(route);
  }
}

TEST_F(HttpPlugin, AnswersWhateverIsAsked) {
  auto chance = PluginTest::chance();
  for (const std::string& route : routes()) {
    for (const char* method : {"GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "NONSENSE"}) {
      ask(method, route, "");
      ask(method, route + "?a=%0d%0aSet-Cookie:%20a", "{}", "Bearer no token");
    }
    for (int i = 0; i < 60; ++i) {
      ask("POST", route + "/" + std::to_string(i), bytes(chance, below(chance, 400)),
          bytes(chance, below(chance, 40)));
    }
    ask("POST", route + "?" + std::string(8000, '%'), std::string(100'000, '['));
  }
}

TEST_F(HttpPlugin, AnswersManyAtOnce) {
  const std::vector<std::string> all = routes();
  std::vector<std::thread> workers;
  for (int i = 0; i < 4 && !all.empty(); ++i) {
    workers.emplace_back([&, i] {
      for (size_t times = 0; times < 30; ++times) {
        ask(i % 2 == 0 ? "GET" : "POST", all[times % all.size()], "{}");
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
}

}  // namespace
}  // namespace freshet::check
