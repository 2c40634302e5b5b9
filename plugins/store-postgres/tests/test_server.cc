#include "store-postgres/tests/test_server.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <iterator>
#include <thread>

namespace freshet::postgres {

namespace {

namespace fs = std::filesystem;

fs::path program(const std::string& name) { return fs::path(SERVER_PROGRAMS) / name; }

// PostgreSQL refuses to be run by root.
const passwd* unprivileged() {
  if (::geteuid() != 0) return nullptr;
  const passwd* user = ::getpwnam("postgres");
  return user != nullptr ? user : ::getpwnam("nobody");
}

bool takes_connections(const std::string& url) {
  PGconn* pg = PQconnectdb(url.c_str());
  const bool ok = PQstatus(pg) == CONNECTION_OK;
  PQfinish(pg);
  return ok;
}

}  // namespace

bool TestServer::installed() {
  return !std::string_view(SERVER_PROGRAMS).empty() && fs::exists(program("initdb"));
}

TestServer& TestServer::shared() {
  static TestServer server;
  return server;
}

TestServer::TestServer() {
  std::string pattern = (fs::temp_directory_path() / "freshet-postgres-XXXXXX").string();
  folder_ = ::mkdtemp(pattern.data());
  if (const passwd* user = unprivileged()) {
    if (::chown(folder_.c_str(), user->pw_uid, user->pw_gid) != 0) ADD_FAILURE() << "chown";
  }
  const pid_t init = run({program("initdb"), "-D", (folder_ / "data").string(), "-A", "trust", "-U",
                          "freshet", "-E", "UTF8", "--locale=C", "--no-sync"});
  int ended = 0;
  ::waitpid(init, &ended, 0);
  EXPECT_EQ(ended, 0) << "initdb failed";
  start();
}

TestServer::~TestServer() {
  kill();
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

pid_t TestServer::run(const std::vector<std::string>& command) const {
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const passwd* user = unprivileged();
  const std::string log = (folder_ / "log").string();
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child != 0) return child;
  if (user != nullptr &&
      (::setgroups(0, nullptr) != 0 || ::setgid(user->pw_gid) != 0 || ::setuid(user->pw_uid) != 0))
    ::_exit(126);
  ::prctl(PR_SET_PDEATHSIG, SIGQUIT);
  if (::getppid() != parent || ::chdir("/") != 0) ::_exit(126);
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  ::dup2(out, 1);
  ::dup2(out, 2);
  ::execv(arguments[0], arguments.data());
  ::_exit(127);
}

void TestServer::start() {
  pid_ = run({program("postgres"), "-D", (folder_ / "data").string(), "-k", folder_.string(), "-c",
              "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=60"});
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!takes_connections(url())) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "the server does not start";
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

// Those that serve connections, too: they would go on for a moment, and a new server waits for
// them.
void TestServer::kill() {
  if (pid_ == 0) return;
  ::kill(pid_, SIGSTOP);
  const std::string pid = std::to_string(pid_);
  std::ifstream children("/proc/" + pid + "/task/" + pid + "/children");
  const std::vector<pid_t> all(std::istream_iterator<pid_t>(children), {});
  for (const pid_t child : all) ::kill(child, SIGKILL);
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  for (const pid_t child : all) {
    while (::kill(child, 0) == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  pid_ = 0;
  std::error_code ignored;
  fs::remove(socket(), ignored);
  fs::remove(socket() + ".lock", ignored);
}

std::string TestServer::ask(const std::string& sql) const {
  PGconn* pg = PQconnectdb(url().c_str());
  PGresult* result = PQexec(pg, sql.c_str());
  const bool ok =
      PQresultStatus(result) == PGRES_TUPLES_OK || PQresultStatus(result) == PGRES_COMMAND_OK;
  EXPECT_TRUE(ok) << PQerrorMessage(pg);
  std::string out = PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "";
  PQclear(result);
  PQfinish(pg);
  return out;
}

HeldRoom::HeldRoom(const std::string& schema, const std::string& room)
    : pg_(PQconnectdb(TestServer::shared().url().c_str())) {
  const std::string sql =
      "BEGIN; SELECT FROM \"" + schema + "\".rooms WHERE name = '" + room + "' FOR UPDATE";
  PGresult* result = PQexec(pg_, sql.c_str());
  EXPECT_EQ(PQntuples(result), 1) << PQerrorMessage(pg_);
  PQclear(result);
}

std::string new_schema() {
  static std::atomic<int> count = 0;
  return "test " + std::to_string(++count);
}

TestStore::TestStore(const Setting& setting) : host_(PostgresStore::kSettings) {
  host_.set("url", setting.url);
  host_.set("schema", setting.schema);
  host_.set("cluster", setting.cluster);
  for (const auto& [key, number] : setting.numbers) host_.set(key, number);
  auto made = make_plugin<PostgresStore>(host_.host());
  status_ = made.status();
  if (made) store_ = *std::move(made);
}

}  // namespace freshet::postgres
