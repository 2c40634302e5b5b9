#include "store-postgres/database/schema.h"

#include <iterator>
#include <span>
#include <string>

#include "store-postgres/database/exchange.h"

namespace freshet::postgres {

namespace {

constexpr int kOldestServer = 130000;

// What changes with every batch is in no index: an update then touches the table alone, and half a
// page is left for it (fillfactor).
constexpr std::string_view kVersion1[] = {
    // `oldest`: the oldest version whose nodes may go on with these tables, so that those of a
    // cluster can be upgraded one after the other, where a change allows it.
    R"(CREATE TABLE @meta(version bigint NOT NULL, oldest bigint NOT NULL, cluster text NOT NULL,
       application text NOT NULL,
       made_at timestamptz NOT NULL DEFAULT now(), tried_at timestamptz))",
    R"(CREATE SEQUENCE @histories)",
    R"(CREATE SEQUENCE @snapshot_ids)",
    R"(CREATE SEQUENCE @outbox_ids)",
    // `id` names one history of the room and is a new one with each epoch: rows of the old one are
    // then nobody's, and are deleted when there is time.
    R"(CREATE TABLE @rooms(name bytea PRIMARY KEY, id bigint NOT NULL DEFAULT nextval('@histories'),
       epoch bytea NOT NULL CHECK (octet_length(epoch) = 16), last_seq bigint NOT NULL DEFAULT 0,
       snapshot_seq bigint NOT NULL DEFAULT 0, snapshot bigint, snapshot_bytes bigint NOT NULL
       DEFAULT 0, log_bytes bigint NOT NULL DEFAULT 0, erased_at timestamptz) WITH (fillfactor = 50))",
    R"(CREATE INDEX rooms_erased ON @rooms(erased_at) WHERE erased_at IS NOT NULL)",
    R"(CREATE TABLE @log(room bigint, seq bigint, update bytea NOT NULL, author bytea,
       first_ms bigint, last_ms bigint, run bytea NOT NULL, shard bigint NOT NULL,
       last_number bigint NOT NULL, written_at timestamptz NOT NULL DEFAULT clock_timestamp(),
       PRIMARY KEY (room, seq)))",
    R"(CREATE TABLE @snapshots(id bigint PRIMARY KEY, data bytea NOT NULL))",
    R"(CREATE TABLE @leftovers(id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, room bigint,
       through_seq bigint, snapshot bigint, due_at timestamptz NOT NULL))",
    R"(CREATE INDEX leftovers_due ON @leftovers(due_at))",
    R"(CREATE TABLE @writers(run bytea, shard bigint, number bigint NOT NULL DEFAULT 0,
       answer bytea NOT NULL DEFAULT '', written_at timestamptz NOT NULL DEFAULT now(),
       PRIMARY KEY (run, shard)) WITH (fillfactor = 50))",
    R"(CREATE TABLE @nodes(run bytea PRIMARY KEY, beats bigint NOT NULL, about bytea NOT NULL,
       beaten_at timestamptz NOT NULL DEFAULT now(), ended_at timestamptz) WITH (fillfactor = 50))",
    R"(CREATE TABLE @openings(name bytea PRIMARY KEY))",
    R"(CREATE TABLE @open_rooms(node bytea, name bytea, PRIMARY KEY (node, name)))",
    R"(CREATE INDEX open_rooms_name ON @open_rooms(name))",
    R"(CREATE TABLE @notices(id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
       name bytea NOT NULL, epoch bytea))",
    R"(CREATE TABLE @claims(name bytea PRIMARY KEY, node bytea NOT NULL, until timestamptz NOT NULL))",
    R"(CREATE TABLE @outbox_topics(topic bytea PRIMARY KEY,
       live bigint NOT NULL DEFAULT 0, live_bytes bigint NOT NULL DEFAULT 0,
       dead bigint NOT NULL DEFAULT 0, dead_bytes bigint NOT NULL DEFAULT 0) WITH (fillfactor = 50))",
    R"(CREATE TABLE @outbox_keys(topic bytea, key bytea, live bigint NOT NULL,
       live_bytes bigint NOT NULL, PRIMARY KEY (topic, key)) WITH (fillfactor = 50))",
    R"(CREATE TABLE @outbox(topic bytea, id bigint, dead boolean NOT NULL DEFAULT false,
       key bytea NOT NULL, unix_ms bigint NOT NULL, bytes bigint NOT NULL, reason bytea,
       body bytea NOT NULL, PRIMARY KEY (topic, id)))",
    R"(CREATE INDEX outbox_dead ON @outbox(topic, id) WHERE dead)",
    R"(CREATE INDEX outbox_live ON @outbox(topic, id) WHERE NOT dead)",
    // Keeps the sums; whoever changes an entry has the row of its topic locked.
    R"(CREATE FUNCTION @outbox_count() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
       IF TG_OP <> 'INSERT' THEN
         IF OLD.dead THEN UPDATE @outbox_topics SET dead = dead - 1,
           dead_bytes = dead_bytes - OLD.bytes WHERE topic = OLD.topic;
         ELSE UPDATE @outbox_topics SET live = live - 1, live_bytes = live_bytes - OLD.bytes
           WHERE topic = OLD.topic;
           UPDATE @outbox_keys SET live = live - 1, live_bytes = live_bytes - OLD.bytes
           WHERE topic = OLD.topic AND key = OLD.key;
           DELETE FROM @outbox_keys WHERE topic = OLD.topic AND key = OLD.key AND live = 0;
         END IF; END IF;
       IF TG_OP <> 'DELETE' THEN
         IF NEW.dead THEN UPDATE @outbox_topics SET dead = dead + 1,
           dead_bytes = dead_bytes + NEW.bytes WHERE topic = NEW.topic;
         ELSE UPDATE @outbox_topics SET live = live + 1, live_bytes = live_bytes + NEW.bytes
           WHERE topic = NEW.topic;
           INSERT INTO @outbox_keys AS k VALUES (NEW.topic, NEW.key, 1, NEW.bytes)
           ON CONFLICT (topic, key) DO UPDATE SET live = k.live + 1,
           live_bytes = k.live_bytes + NEW.bytes;
         END IF; END IF; RETURN NULL; END $$)",
    R"(CREATE TRIGGER outbox_count AFTER INSERT OR UPDATE OF dead OR DELETE ON @outbox
       FOR EACH ROW EXECUTE FUNCTION @outbox_count())",
};

// Which histories were ended, and not lost: without that a node would bring back what was erased,
// so nodes of version 1 cannot go on beside it.
constexpr std::string_view kVersion2[] = {
    R"(CREATE TABLE @ended(epoch bytea PRIMARY KEY, ended_at timestamptz NOT NULL DEFAULT now()))",
    R"(CREATE INDEX ended_at ON @ended(ended_at))",
};

// Which history of the whole this is: grows when what is stored was put back to an earlier time.
// And who wrote the last row of a snapshot, which is known for as long as `folded_seq` is its
// sequence. A node of version 2 goes on beside, and does not look at either.
constexpr std::string_view kVersion3[] = {
    R"(ALTER TABLE @meta ADD COLUMN history bigint NOT NULL DEFAULT 0)",
    R"(ALTER TABLE @rooms ADD COLUMN folded_seq bigint, ADD COLUMN folded_run bytea,
       ADD COLUMN folded_shard bigint, ADD COLUMN folded_number bigint)",
};

// What apps keep beside rooms, by the room's name, as there may be nothing else of it. A node of
// version 3 goes on beside: it offers apps none of it, and a room that it erases leaves it there.
constexpr std::string_view kVersion4[] = {
    R"(CREATE SEQUENCE @kept_versions)",
    R"(CREATE TABLE @kept(room bytea, name bytea,
       version bigint NOT NULL DEFAULT nextval('@kept_versions'), data bytea NOT NULL,
       PRIMARY KEY (room, name)))",
};

// What leads to each version from the one before.
constexpr std::span<const std::string_view> kVersions[] = {kVersion1, kVersion2, kVersion3,
                                                           kVersion4};
static_assert(std::size(kVersions) == kSchemaVersion);

// The names of tables that only this store's schema may have in it. A bus may have been there
// first.
constexpr std::string_view kStrangers =
    "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relname <> "
    "'bus_messages' "
    "ORDER BY c.relname = 'meta' DESC, c.relname LIMIT 1";

class Preparing {
 public:
  Preparing(Connection& connection, const Options& options, Host host)
      : connection_(connection), options_(options), host_(host) {}

  Result<int64_t> run() {
    if (PQserverVersion(connection_.pg()) < kOldestServer) {
      return refuse("the server is PostgreSQL " +
                    std::to_string(PQserverVersion(connection_.pg()) / 10000) +
                    ", and 13 is the oldest that will do");
    }
    Exchange look(connection_);
    look.begin();
    look.add("SELECT pg_advisory_xact_lock($1)", params_of(kSchemaLock));
    const size_t standby = look.add(
        "SELECT pg_is_in_recovery(), "
        "current_setting('transaction_read_only') = 'on'");
    const size_t schema = look.add("SELECT 1 FROM pg_namespace WHERE nspname = $1",
                                   params_of(Text{options_.database.schema}));
    const size_t stranger = look.add(kStrangers, params_of(Text{options_.database.schema}));
    const size_t meta = look.add(
        "SELECT count(*) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid "
        "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND "
        "c.relname = 'meta' AND a.attname IN ('version', 'oldest', 'cluster', 'application')",
        params_of(Text{options_.database.schema}));
    FRESHET_CHECK(done(look.run()));
    if (look[standby].number(0, 0) != 0) return refuse_read_only("is a standby");
    if (look[standby].number(0, 1) != 0) return refuse_read_only("takes no writes");
    if (look[meta].number(0, 0) == 4) return check_version();
    if (look[stranger].count() > 0) {
      return refuse("it holds a table \"" + std::string(look[stranger].text(0, 0)) +
                    "\" that is not Freshet's: name another `schema`");
    }
    return make(look[schema].count() > 0);
  }

 private:
  Result<int64_t> check_version() {
    Exchange x(connection_);
    const size_t meta = x.add("SELECT version, oldest, cluster, application FROM @meta");
    FRESHET_CHECK(done(x.run()));
    if (x[meta].count() != 1 || x[meta].text(0, 3) != "freshet") {
      return refuse("it holds a table \"meta\" that is not Freshet's: name another `schema`");
    }
    const int64_t version = x[meta].number(0, 0);
    if (x[meta].number(0, 1) > kSchemaVersion) {
      return refuse("it is of version " + std::to_string(version) + ", and this Freshet knows " +
                    std::to_string(kSchemaVersion) +
                    ": a newer one has made it, so run that one, or restore a backup");
    }
    if (x[meta].text(0, 2) != options_.cluster) {
      return refuse("it belongs to the cluster \"" + std::string(x[meta].text(0, 2)) +
                    "\", and the manifest says cluster = \"" + options_.cluster +
                    "\": set that one, or another `schema`");
    }
    return migrate(version);
  }

  Result<int64_t> migrate(int64_t from) {
    Exchange x(connection_);
    if (from < kSchemaVersion) {
      add_versions_after(x, from);
      x.add("UPDATE @meta SET version = $1, oldest = $2",
            params_of(kSchemaVersion, kOldestSchemaVersion));
    }
    const size_t history = x.add("SELECT history FROM @meta");
    x.add("COMMIT");
    FRESHET_CHECK(done(x.run()));
    if (from < kSchemaVersion) {
      host_.info("store: schema \"" + options_.database.schema + "\" at " + connection_.place() +
                 " brought from version " + std::to_string(from) + " to " +
                 std::to_string(kSchemaVersion));
    }
    return x[history].number(0, 0);
  }

  static void add_versions_after(Exchange& x, int64_t from) {
    for (const auto& version : std::span(kVersions).subspan(static_cast<size_t>(from))) {
      for (const std::string_view statement : version) x.add(statement);
    }
  }

  Result<int64_t> make(bool there) {
    Exchange x(connection_);
    if (!there) x.add("CREATE SCHEMA " + quoted(options_.database.schema));
    add_versions_after(x, 0);
    x.add(
        "INSERT INTO @meta(version, oldest, cluster, application) "
        "VALUES ($1, $2, $3, 'freshet')",
        params_of(kSchemaVersion, kOldestSchemaVersion, Text{options_.cluster}));
    x.add("COMMIT");
    FRESHET_CHECK(done(x.run()));
    host_.info("store: schema \"" + options_.database.schema + "\" made at " + connection_.place());
    return 0;
  }

  Status refuse_read_only(const std::string& how) {
    return refuse("the server " + how + ": name the primary in url, or all hosts of the cluster");
  }

  Status done(Status status) {
    if (status == Status::ok) return status;
    const Failure& failure = connection_.failure();
    static_cast<void>(refuse(failure.any() ? failure.words : std::string(name_of(status))));
    return status;
  }

  Status refuse(const std::string& why) {
    host_.error("store at " + connection_.place() + ", schema \"" + options_.database.schema +
                "\": " + why);
    return Status::denied;
  }

  Connection& connection_;
  const Options& options_;
  const Host host_;
};

}  // namespace

Result<int64_t> prepare_schema(Connection& connection, const Options& options, Host host) {
  return Preparing(connection, options, host).run();
}

}  // namespace freshet::postgres
