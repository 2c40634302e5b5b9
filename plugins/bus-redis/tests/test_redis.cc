#include "bus-redis/tests/test_redis.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

namespace freshet::redis {

namespace fs = std::filesystem;

namespace {

const passwd* unprivileged() { return ::geteuid() == 0 ? ::getpwnam("nobody") : nullptr; }

// In the child. Does not return.
[[noreturn]] void become(std::vector<std::string> command, const passwd* user, const fs::path& log,
                         pid_t parent) {
  std::vector<char*> arguments;
  for (std::string& word : command) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  if (user != nullptr &&
      (::setgroups(0, nullptr) != 0 || ::setgid(user->pw_gid) != 0 || ::setuid(user->pw_uid) != 0))
    ::_exit(126);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent || ::chdir("/") != 0) ::_exit(126);
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  ::dup2(out, 1);
  ::dup2(out, 2);
  ::execv(REDIS_SERVER, arguments.data());
  ::_exit(127);
}

}  // namespace

bool TestRedis::installed() { return fs::exists(REDIS_SERVER); }

TestRedis& TestRedis::shared() {
  static TestRedis server;
  return server;
}

TestRedis::TestRedis(std::vector<std::string> more) : more_(std::move(more)) {
  std::string pattern = (fs::temp_directory_path() / "freshet-redis-XXXXXX").string();
  folder_ = ::mkdtemp(pattern.data());
  if (const passwd* user = unprivileged()) {
    if (::chown(folder_.c_str(), user->pw_uid, user->pw_gid) != 0) ADD_FAILURE() << "chown";
  }
  start();
}

TestRedis::~TestRedis() {
  kill();
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

// By its first word the program knows that it is the server.
void TestRedis::start() {
  std::vector<std::string> command = {
      "redis-server", "--port", "0",     "--unixsocket",  socket(), "--save", "",
      "--appendonly", "no",     "--dir", folder_.string()};
  command.insert(command.end(), more_.begin(), more_.end());
  const passwd* user = unprivileged();
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ == 0) become(std::move(command), user, folder_ / "log", parent);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  for (bool up = false; !up;) {
    redisContext* redis = redisConnectUnix(socket().c_str());
    up = redis != nullptr && redis->err == 0;
    redisFree(redis);
    ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "the server does not start";
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

void TestRedis::kill() {
  if (pid_ == 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = 0;
  std::error_code ignored;
  fs::remove(socket(), ignored);
}

std::string TestRedis::ask(const std::vector<std::string>& command) const {
  std::vector<const char*> words;
  for (const std::string& word : command) words.push_back(word.c_str());
  redisContext* redis = redisConnectUnix(socket().c_str());
  const Answered answer(static_cast<redisReply*>(
      redisCommandArgv(redis, static_cast<int>(words.size()), words.data(), nullptr)));
  redisFree(redis);
  if (!answer) return "nothing";
  return answer->type == REDIS_REPLY_INTEGER ? std::to_string(answer->integer)
                                             : std::string(text_of(*answer));
}

}  // namespace freshet::redis
