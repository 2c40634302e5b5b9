#include "core/cli/stored/admin_client.h"

#include <utility>  // before Asio: Boost 1.74 forgets it

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>

#include "core/cli/limits.h"
#include "core/report/printable.h"

namespace freshet::cli {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using Json = nlohmann::json;
using Endpoint = asio::generic::stream_protocol::endpoint;

Endpoint endpoint_of(const Address& address, boost::system::error_code& error) {
  if (address.kind == Address::Kind::unix_socket) {
    return asio::local::stream_protocol::endpoint(address.path);
  }
  return asio::ip::tcp::endpoint(asio::ip::make_address(ip_of(address), error), address.port);
}

Status status_of(unsigned http) {
  switch (http) {
    case 400: return Status::malformed;
    case 404: return Status::not_found;
    case 409: return Status::conflict;
    case 413: return Status::too_large;
    case 501: return Status::unsupported;
    case 503: return Status::retry;
    default: return http >= 200 && http < 300 ? Status::ok : Status::internal;
  }
}

}  // namespace

struct AdminClient::Connection {
  // Runs what was started until it has ended: the deadlines of Beast need an asynchronous stream.
  void run() {
    io.restart();
    io.run();
  }

  asio::io_context io{1};
  beast::basic_stream<asio::generic::stream_protocol> stream{io};
  beast::flat_buffer buffer;
  std::string key;  // empty: none is said
};

Result<AdminClient> AdminClient::connect(const Address& address) {
  auto connection = std::make_unique<Connection>();
  boost::system::error_code error;
  const Endpoint endpoint = endpoint_of(address, error);
  if (error) return Status::not_found;
  connection->stream.expires_after(kConnectDeadline);
  connection->stream.async_connect(endpoint, [&](boost::system::error_code e) { error = e; });
  connection->run();
  if (error) return Status::not_found;
  return AdminClient(std::move(connection));
}

Result<AdminResponse> AdminClient::ask(std::string_view method, const std::string& target,
                                       std::string body) {
  Connection& connection = *connection_;
  http::request<http::string_body> request;
  request.version(11);
  request.method_string({method.data(), method.size()});
  request.target(target);
  request.set(http::field::host, "localhost");
  if (!connection.key.empty()) request.set(http::field::authorization, "Bearer " + connection.key);
  request.body() = std::move(body);
  request.prepare_payload();

  http::response_parser<http::string_body> parser;
  parser.body_limit(kMaxResponseBytes);
  boost::system::error_code error;
  const auto ended = [&](boost::system::error_code e, size_t) { error = e; };
  connection.stream.expires_after(kAnswerDeadline);
  http::async_write(connection.stream, request, ended);
  connection.run();
  // A server that refuses a body says so and hangs up before it has read all of it.
  const boost::system::error_code unsent = error;
  http::async_read(connection.stream, connection.buffer, parser, ended);
  connection.run();
  if (error) {
    std::cerr << "the server does not answer: " << (unsent ? unsent : error).message() << "\n";
    return Status::retry;
  }
  auto response = parser.release();
  return AdminResponse{response.result_int(), std::move(response.body())};
}

Result<AdminClient> AdminClient::connect(const Manifest::Server& server) {
  std::string reason;
  const auto address = parse_address(server.admin, reason);
  if (!address || address->kind == Address::Kind::tls) return Status::not_found;
  FRESHET_TRY(AdminClient client, connect(*address));
  client.connection_->key = server.admin_key;
  return client;
}

Result<std::string> AdminClient::body(std::string_view method, const std::string& target,
                                      std::string body) {
  FRESHET_TRY(auto response, ask(method, target, std::move(body)));
  const Status status = status_of(response.status);
  if (status == Status::ok) return std::move(response.body);
  if (status == Status::not_found) return status;
  const Json said = Json::parse(response.body, nullptr, false);
  const bool reason = said.is_object() && said.contains("error") && said["error"].is_string();
  std::cerr << "the server refuses (" << response.status
            << "): " << printable(reason ? said["error"].get<std::string>() : response.body)
            << "\n";
  return status;
}

Status strange_answer() {
  std::cerr << "the server's answer is none of a Freshet server\n";
  return Status::internal;
}

AdminClient::AdminClient(std::unique_ptr<Connection> connection)
    : connection_(std::move(connection)) {}
AdminClient::AdminClient(AdminClient&& other) noexcept = default;
AdminClient::~AdminClient() = default;

}  // namespace freshet::cli
