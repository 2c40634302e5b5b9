// plugins/bus-redis/wire.h: one connection to the server, and what is wrong with it.
//
// Used by one thread. Blocks, but never for longer than kMaxAnswerMs without a sign of life.
#pragma once

#include <hiredis/hiredis.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bus-redis/options.h"

namespace freshet::redis {

struct Trouble {
  std::string_view brief;  // of which kind it is
  std::string words;       // for the log
  // It will not be better by waiting: the settings, or the rights of this user.
  bool for_good = false;
};

struct FreeReply {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using Answered = std::unique_ptr<redisReply, FreeReply>;

inline std::string_view text_of(const redisReply& reply) {
  return reply.str == nullptr ? std::string_view() : std::string_view(reply.str, reply.len);
}

class Wire {
 public:
  // Borrows the options.
  explicit Wire(const Options& options) : options_(options) {}
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  // Connects and logs in. False: trouble() says why, and so with all the others below; it is closed
  // then.
  bool open();
  void close() { redis_.reset(); }
  bool is_open() const { return redis_ != nullptr; }
  int descriptor() const { return redis_->fd; }
  // Whether the server has hung up meanwhile, where it was asked nothing.
  bool is_stale() const;

  using Words = std::vector<std::string_view>;
  void add(const Words& command);  // to what is to be written
  bool write();
  // The next answer, waiting for it.
  Answered next();
  // The next of what was read; null: there is none yet, if it is still open.
  Answered next_read();
  bool read();
  // One command alone; an error that is answered is trouble, too.
  Answered ask(const Words& command);

  const Trouble& trouble() const { return trouble_; }
  // Closes it.
  bool fail(Trouble trouble);
  // What an error that the server answers means.
  bool fail(const redisReply& error);

 private:
  struct Finish {
    void operator()(redisContext* redis) const { redisFree(redis); }
  };

  bool connect();
  bool log_in();
  bool is_no_replica();
  bool fail_by_context();

  const Options& options_;
  std::unique_ptr<redisContext, Finish> redis_;
  Trouble trouble_;
};

}  // namespace freshet::redis
