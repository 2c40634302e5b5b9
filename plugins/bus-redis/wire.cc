#include "bus-redis/wire.h"

#include <poll.h>
#include <sys/time.h>

#include "bus-redis/limits.h"

namespace freshet::redis {

namespace {

timeval time_of(int64_t ms) { return {ms / 1000, static_cast<suseconds_t>(ms % 1000 * 1000)}; }

constexpr std::string_view kRefused = "Redis refuses this user";

// By the first word of what the server says.
Trouble trouble_of(std::string_view error, const std::string& prefix) {
  const std::string said = " (" + std::string(error) + ")";
  if (error.starts_with("NOAUTH")) {
    return {kRefused, "it wants a password: name it in url, as redis://:password@host" + said,
            true};
  }
  if (error.starts_with("WRONGPASS") || error.find("invalid password") != error.npos ||
      error.find("without any password configured") != error.npos) {
    return {kRefused, "user or password of url is wrong" + said, true};
  }
  if (error.starts_with("NOPERM")) {
    return {kRefused,
            "this user lacks rights; ACL SETUSER ... +publish +subscribe +unsubscribe +ping &" +
                prefix + "* gives them" + said,
            true};
  }
  return {"Redis reports an error", std::string(error)};
}

}  // namespace

bool Wire::fail(Trouble trouble) {
  trouble_ = std::move(trouble);
  close();
  return false;
}

bool Wire::fail(const redisReply& error) {
  return fail(trouble_of(text_of(error), options_.prefix()));
}

bool Wire::fail_by_context() {
  std::string why(redis_->err == REDIS_ERR_EOF ? "the server closed the connection"
                  : redis_->errstr[0] == '\0'  ? "it was cut"
                                               : redis_->errstr);
  return fail({"the connection to Redis was lost", "the connection was lost: " + why});
}

bool Wire::open() { return connect() && log_in() && is_no_replica(); }

bool Wire::connect() {
  const Address& to = options_.address;
  const timeval limit = time_of(options_.connect_timeout_ms);
  redis_.reset(to.host.empty() ? redisConnectUnixWithTimeout(to.path.c_str(), limit)
                               : redisConnectWithTimeout(to.host.c_str(), to.port, limit));
  if (!redis_) return fail({"Redis cannot be reached", "there is no memory for a connection"});
  if (redis_->err != 0) {
    return fail(
        {"Redis cannot be reached", std::string("it cannot be reached: ") + redis_->errstr});
  }
  redisSetTimeout(redis_.get(), time_of(kMaxAnswerMs));
  return true;
}

bool Wire::log_in() {
  const Address& as = options_.address;
  if (as.password.empty()) return true;
  Words command = {"AUTH"};
  if (!as.user.empty()) command.push_back(as.user);
  command.push_back(as.password);
  return ask(command) != nullptr;
}

// What is published at a replica is heard there alone. A user who may not ask is believed.
bool Wire::is_no_replica() {
  add({"ROLE"});
  const Answered role = next();
  if (!role) return false;
  if (role->type == REDIS_REPLY_ERROR) {
    const std::string_view error = text_of(*role);
    return error.starts_with("NOPERM") || error.starts_with("ERR") || fail(*role);
  }
  if (role->type != REDIS_REPLY_ARRAY || role->elements == 0 ||
      text_of(*role->element[0]) != "slave") {
    return true;
  }
  return fail({"Redis is a replica", "it is a replica: name the primary in url"});
}

bool Wire::is_stale() const {
  if (!redis_) return false;
  pollfd socket{redis_->fd, POLLIN, 0};
  return ::poll(&socket, 1, 0) > 0;
}

void Wire::add(const Words& command) {
  std::vector<const char*> words;
  std::vector<size_t> lengths;
  for (const std::string_view word : command) {
    words.push_back(word.data());
    lengths.push_back(word.size());
  }
  redisAppendCommandArgv(redis_.get(), static_cast<int>(words.size()), words.data(),
                         lengths.data());
}

bool Wire::write() {
  for (int done = 0; done == 0;) {
    if (redisBufferWrite(redis_.get(), &done) != REDIS_OK) return fail_by_context();
  }
  return true;
}

Answered Wire::next() {
  void* reply = nullptr;
  if (redisGetReply(redis_.get(), &reply) == REDIS_OK) {
    return Answered(static_cast<redisReply*>(reply));
  }
  fail_by_context();
  return nullptr;
}

bool Wire::read() { return redisBufferRead(redis_.get()) == REDIS_OK || fail_by_context(); }

Answered Wire::next_read() {
  void* reply = nullptr;
  if (redisReaderGetReply(redis_->reader, &reply) == REDIS_OK) {
    return Answered(static_cast<redisReply*>(reply));
  }
  fail({"Redis is not understood", "what it says is not understood"});
  return nullptr;
}

Answered Wire::ask(const Words& command) {
  add(command);
  Answered answer = next();
  if (!answer || answer->type != REDIS_REPLY_ERROR) return answer;
  fail(*answer);
  return nullptr;
}

}  // namespace freshet::redis
