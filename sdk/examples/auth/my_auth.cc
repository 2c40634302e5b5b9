// my-auth: a Freshet auth plugin. People share a secret, and say who they are: a client connects
// with ?token=<secret>&name=Ann. Another secret lets its bearers look, not edit.
#include <freshet/format/request.h>
#include <freshet/format/utf8.h>
#include <freshet/plugin.h>

#include <string>

namespace {

using freshet::Reply, freshet::Status;

// Called on many workers at once: what is not constant here would need a lock.
class MyAuth final : public freshet::Auth {
 public:
  static constexpr freshet_setting kSettings[] = {
      freshet::setting::required(freshet::setting::secret(freshet::setting::text(
          "secret", nullptr, "Who knows it may edit: 16 bytes at least, as in ${MY_SECRET}."))),
      freshet::setting::secret(freshet::setting::text(
          "reader_secret", "", "Who knows this one may look; empty: nobody.")),
  };
  static constexpr freshet::About kAbout{.id = "my-auth",
                                         .version = "0.1.0",
                                         .summary = "People who share a secret.",
                                         .settings = kSettings};

  struct Options {
    std::string secret, reader_secret;
  };

  // What the schema above cannot say. `freshet check` asks this alone; see docs/plugin-guide.md.
  static Options read_settings(freshet::Given given, freshet::Faults& faults) {
    Options out{std::string(given.text("secret")), std::string(given.text("reader_secret"))};
    if (out.secret.size() < 16) faults.add("secret", "is shorter than 16 bytes");
    if (!out.reader_secret.empty() && out.reader_secret.size() < 16) {
      faults.add("reader_secret", "is shorter than 16 bytes");
    }
    if (out.secret == out.reader_secret) faults.add("reader_secret", "is the other secret");
    return out;
  }
  static freshet::Result<std::unique_ptr<MyAuth>> create(freshet::Host host, Options options) {
    return std::make_unique<MyAuth>(host, std::move(options));
  }
  MyAuth(freshet::Host host, Options options) : host_(host), options_(std::move(options)) {}

  // Anybody who is not known is told no more than that; the log says why, without the token.
  Status identify(const freshet_auth_request& request, Reply out) override {
    const auto bearer = freshet::find_bearer(request);
    if (!bearer) return refuse("there is no token");
    const bool writes = freshet::same_secret(bearer->token, options_.secret);
    const bool reads = !options_.reader_secret.empty() &&
                       freshet::same_secret(bearer->token, options_.reader_secret);
    if (!writes && !reads) return refuse("the token is not ours");

    if (request.request != nullptr) {
      const auto name = freshet::RequestReader(*request.request).query("name").value_or("");
      if (!freshet::valid_utf8(freshet::as_bytes(name))) return refuse("the name is no text");
      if (!name.empty()) FRESHET_CHECK(out.write(FRESHET_AUTH_USER, user(name)));
    }
    const uint64_t permission = writes ? FRESHET_READ_WRITE : FRESHET_READ_ONLY;
    FRESHET_CHECK(out.write(FRESHET_AUTH_PERMISSION, permission));
    // A browser that offered its token as a subprotocol hangs up unless it is taken.
    if (bearer->subprotocol.empty()) return Status::ok;
    return out.write(FRESHET_AUTH_SUBPROTOCOL, bearer->subprotocol);
  }

 private:
  // A JSON object with an "id": what others see of a user, and apps are told.
  static std::string user(std::string_view name) {
    std::string json = R"({"id":)";
    freshet::append_json_string(json, name);
    return json + "}";
  }
  Status refuse(std::string_view why) const {
    host_.info("refused somebody: " + std::string(why));
    return Status::unauthenticated;
  }

  const freshet::Host host_;
  const Options options_;
};

}  // namespace

FRESHET_PLUGIN(MyAuth)
