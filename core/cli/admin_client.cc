#include "core/cli/admin_client.h"

#include <utility>  // before Asio: Boost 1.74 forgets it

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <iostream>

namespace freshet::cli {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using Endpoint = asio::generic::stream_protocol::endpoint;

constexpr std::chrono::seconds kConnectDeadline{3};
constexpr std::chrono::seconds kAnswerDeadline{600};  // a backup copies everything
constexpr uint64_t kMaxResponseBytes = uint64_t{8} << 30;

Endpoint endpoint_of(const Address& address, boost::system::error_code& error) {
  if (address.kind == Address::Kind::unix_socket) {
    return asio::local::stream_protocol::endpoint(address.path);
  }
  const std::string host = address.host == "localhost" ? "127.0.0.1" : address.host;
  return asio::ip::tcp::endpoint(asio::ip::make_address(host, error), address.port);
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

AdminClient::AdminClient(std::unique_ptr<Connection> connection)
    : connection_(std::move(connection)) {}
AdminClient::AdminClient(AdminClient&& other) noexcept = default;
AdminClient::~AdminClient() = default;

}  // namespace freshet::cli
