// my-http: a page of a Freshet server, and a way in for programs. GET /my-http is the page; POST
// /my-http/<room> with `Authorization: Bearer <key>` says the body, one JSON value, to everybody in
// the room, as the event "announced".
#include <freshet/format/request.h>
#include <freshet/format/route.h>
#include <freshet/plugin.h>
#include <freshet/server.h>

#include <string>

namespace {

using freshet::Reply, freshet::Status;

constexpr const char* kPage = R"(<!doctype html>
<meta charset="utf-8">
<title>my-http</title>
<h1>my-http</h1>
<p>POST one JSON value to <code>/my-http/&lt;room&gt;</code> with the key, and all who are there hear it.</p>
)";

// Called on many workers at once: what is not constant here would need a lock. They may block.
class MyHttp final : public freshet::Http {
 public:
  static constexpr freshet_setting kSettings[] = {
      freshet::setting::text("route", "/my-http", "Where the page is."),
      freshet::setting::secret(
          freshet::setting::text("key", "", "Who has it may announce; empty: nobody.")),
  };
  static constexpr freshet::About kAbout{.id = "my-http",
                                         .version = "0.1.0",
                                         .summary = "A page, and announcements.",
                                         .settings = kSettings};

  struct Options {
    std::string route, key;
  };
  static Options read_settings(freshet::Given given, freshet::Faults& faults) {
    Options out{freshet::read_route(given, "route", faults), std::string(given.text("key"))};
    if (!out.key.empty() && out.key.size() < 16) faults.add("key", "is shorter than 16 bytes");
    return out;
  }
  static freshet::Result<std::unique_ptr<MyHttp>> create(freshet::Host host, Options options) {
    const auto* server = host.service<freshet_server>(FRESHET_SERVER_ID);
    if (server == nullptr) {
      host.error("this host offers no " FRESHET_SERVER_ID);
      return Status::unsupported;
    }
    return std::make_unique<MyHttp>(server, std::move(options));
  }
  MyHttp(const freshet_server* server, Options options)
      : server_(server), options_(std::move(options)) {}

  Status routes(freshet::Sink out) override { return out.write(options_.route); }

  // A status that is not ok becomes a page of the server's: what has words is answered with ok.
  Status answer(const freshet_request& request, Reply out) override {
    const freshet::RequestReader asked(request);
    const std::string room = asked.below(options_.route + "/").value_or("");
    if (room.empty()) {
      if (asked.method() != "GET") return say(405, "GET it\n", out);
      return say(200, kPage, out, "text/html");
    }
    if (asked.method() != "POST") return say(405, "POST it\n", out);
    if (options_.key.empty() || !freshet::same_secret(asked.bearer().value_or(""), options_.key)) {
      return say(401, "the key is missing, or is not ours\n", out);
    }
    switch (server_.broadcast(room, "announced", freshet::as_text(asked.body()))) {
      case Status::ok: return say(202, "said\n", out);
      case Status::malformed: return say(400, "the body is not one JSON value\n", out);
      case Status::not_found: return say(404, "that is no room's name\n", out);
      default: return say(503, "not now\n", out);
    }
  }

 private:
  static Status say(uint64_t status, std::string_view text, Reply out,
                    const std::string& type = "text/plain") {
    FRESHET_CHECK(out.write(FRESHET_HTTP_STATUS, status));
    FRESHET_CHECK(out.write(FRESHET_HTTP_HEADER, "Content-Type: " + type + "; charset=utf-8"));
    FRESHET_CHECK(out.write(FRESHET_HTTP_HEADER, "Cache-Control: no-store"));
    return out.write(FRESHET_HTTP_BODY, text);
  }

  const freshet::ServerRooms server_;
  const Options options_;
};

}  // namespace

FRESHET_PLUGIN(MyHttp)
