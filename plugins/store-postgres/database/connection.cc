#include "store-postgres/database/connection.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <vector>

#include "store-postgres/limits.h"

namespace freshet::postgres {

namespace {

// Keeps warnings: COMMIT tells by one that a standby has not confirmed it.
void note(void* arg, const PGresult* result) {
  const char* severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
  if (severity == nullptr || std::string_view(severity) != "WARNING") return;
  const char* message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  *static_cast<std::string*>(arg) = message == nullptr ? "a warning" : message;
}

std::string statement_timeout(const Database& database) {
  if (!database.pooled) return {};
  return "SET LOCAL statement_timeout = " + std::to_string(database.statement_timeout_ms);
}

}  // namespace

int64_t steady_ms() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

std::string quoted(std::string_view identifier) {
  std::string out = "\"";
  for (const char c : identifier) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

std::string one_line(std::string_view text) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  std::string out;
  for (const char c : text) out += c == '\n' || c == '\t' ? ' ' : c;
  return out;
}

Connection::Connection(const Database& database, int stop)
    : database_(database),
      stop_(stop),
      prefix_(quoted(database.schema) + "."),
      set_local_(statement_timeout(database)) {}

Status Connection::open() {
  failure_ = {};
  std::vector<const char*> names, values;
  for (const auto& [name, value] : database_.connection) {
    names.push_back(name.c_str());
    values.push_back(value.c_str());
  }
  names.push_back(nullptr);
  values.push_back(nullptr);
  pg_.reset(PQconnectdbParams(names.data(), values.data(), 0));
  if (!pg_) return fail(lost("there is no memory for it"));
  if (PQstatus(pg_.get()) != CONNECTION_OK) {
    const std::string why = one_line(PQerrorMessage(pg_.get()));
    Failure failure = lost(why);
    failure.brief = "the database cannot be reached";
    failure.words = "the database cannot be reached: " + why;
    if (why.find("unsupported startup parameter") != std::string::npos) {
      failure.words += ". A pooler stands between: set pooled = true";
    }
    pg_.reset();
    return fail(std::move(failure));
  }
  PQsetNoticeReceiver(pg_.get(), note, &warning_);
  if (PQsetnonblocking(pg_.get(), 1) != 0 || PQenterPipelineMode(pg_.get()) != 1) {
    const std::string why = one_line(PQerrorMessage(pg_.get()));
    pg_.reset();
    return fail(lost(why));
  }
  return Status::ok;
}

bool Connection::is_stale() const {
  if (!pg_) return false;
  pollfd socket{PQsocket(pg_.get()), POLLIN, 0};
  if (::poll(&socket, 1, 0) <= 0) return false;
  // Nothing was asked: what comes now is a farewell, or a notice that the pipeline can do without.
  return PQconsumeInput(pg_.get()) == 0 || PQstatus(pg_.get()) != CONNECTION_OK ||
         (socket.revents & (POLLHUP | POLLERR)) != 0;
}

Status Connection::fail(Failure failure) {
  const Status status = failure.status;
  if (!failure_.any()) failure_ = std::move(failure);
  return status;
}

Connection::Rest Connection::rest() const {
  if (!pg_ || PQstatus(pg_.get()) != CONNECTION_OK) return Rest::broken;
  switch (PQtransactionStatus(pg_.get())) {
    case PQTRANS_IDLE: return Rest::idle;
    case PQTRANS_INTRANS:
    case PQTRANS_INERROR: return Rest::in_transaction;
    default: return Rest::broken;  // an answer is still to come
  }
}

std::string Connection::place() const {
  const auto value = [&](std::string_view name) {
    for (const auto& [key, text] : database_.connection) {
      if (key == name) return text;
    }
    return std::string();
  };
  if (!pg_) {
    return value("host") + ":" + value("port") + ", database " + value("dbname") + ", user " +
           value("user");
  }
  const auto text = [](const char* part) { return std::string(part == nullptr ? "" : part); };
  return text(PQhost(pg_.get())) + ":" + text(PQport(pg_.get())) + ", database " +
         text(PQdb(pg_.get())) + ", user " + text(PQuser(pg_.get()));
}

std::string Connection::qualified(std::string_view sql) const {
  std::string out;
  out.reserve(sql.size() + 8 * prefix_.size());
  for (const char c : sql) {
    if (c == '@') {
      out += prefix_;
    } else {
      out += c;
    }
  }
  return out;
}

int64_t Connection::answer_deadline_ms() const {
  return steady_ms() + database_.statement_timeout_ms + kAnswerGraceMs;
}

Status Connection::wait(bool also_write, int64_t deadline_ms) {
  for (;;) {
    const int64_t left_ms = deadline_ms - steady_ms();
    if (left_ms <= 0) return fail(lost("no answer came in time"));
    const short wanted = also_write ? POLLIN | POLLOUT : POLLIN;
    pollfd sockets[] = {{PQsocket(pg_.get()), wanted, 0}, {stop_, POLLIN, 0}};
    const int ready = ::poll(sockets, 2, static_cast<int>(left_ms));
    if (ready < 0 && errno != EINTR) return fail(lost("poll() failed"));
    if (ready <= 0) continue;
    if (sockets[0].revents != 0) return Status::ok;
    return fail(lost("the server is stopping"));
  }
}

std::string Connection::take_warning() {
  std::string out;
  out.swap(warning_);
  return out;
}

}  // namespace freshet::postgres
