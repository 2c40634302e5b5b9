#include "report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace freshet::load {

namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kWires[] = {"yjs", "pluv", "hocuspocus", "floor"};

double rounded(double value) {
  if (value == 0 || !std::isfinite(value)) return 0;
  const double scale = std::pow(10, 4 - std::ceil(std::log10(std::fabs(value))));
  return std::round(value * scale) / scale;
}

Json ms_of(const Histogram& histogram) {
  const auto ms = [&](double share) {
    return rounded(static_cast<double>(histogram.quantile(share)) / 1e6);
  };
  return {{"count", histogram.count()},
          {"p50", ms(0.5)},
          {"p99", ms(0.99)},
          {"p999", ms(0.999)},
          {"max", ms(1)}};
}

Json scenario_of(const Scenario& s) {
  return {{"wire", kWires[static_cast<int>(s.wire)]},
          {"at", s.host + ":" + std::to_string(s.port)},
          {"rooms", s.rooms},
          {"clients", s.clients},
          {"writers", s.writers},
          {"edits_per_second", s.edits_per_second},
          {"edit_bytes", s.edit_bytes},
          {"presence_writers", s.presence_writers},
          {"presence_per_second", s.presence_per_second},
          {"churn_per_second", s.churn_per_second},
          {"paused", s.paused},
          {"pause_s", s.pause_s},
          {"document_bytes", s.document_bytes},
          {"storm", s.storm},
          {"storm_after_s", s.storm_after_s},
          {"storm_limit_s", s.storm_limit_s},
          {"warmup_s", s.warmup_s},
          {"duration_s", s.duration_s},
          {"settle_s", s.settle_s},
          {"seed", s.seed},
          {"tick_us", s.tick_us},
          {"floor_window_us", s.floor_window_us}};
}

// Of a server on which nothing else has happened.
double connection_bytes(const Scenario& scenario, const ServerWatch& server) {
  const auto grown =
      static_cast<double>(server.rss_after()) - static_cast<double>(server.first_rss());
  return rounded(std::max(grown, 0.0) / scenario.all_clients());
}

Json storm_of(const Scenario& scenario, const Storm& storm, double seconds) {
  const Histogram& joined = storm.joined();
  const bool all = joined.count() == scenario.all_clients();
  return {{"clients", scenario.all_clients()},
          {"in", joined.count()},
          {"failed", storm.failed()},
          {"returned", storm.returned()},
          {"seconds", rounded(all ? static_cast<double>(joined.max()) / 1e9 : seconds)},
          {"joined_ms", ms_of(joined)}};
}

Json server_of(const Scenario& scenario, const Tally& tally, const Run& run) {
  const ServerWatch& server = run.server();
  const CpuTime used = server.used();
  const uint64_t delivered = tally.delivered + tally.states_delivered;
  const auto each = [&](double seconds, uint64_t of) {
    return of == 0 ? 0 : rounded(1e6 * seconds / static_cast<double>(of));
  };
  Json threads = Json::array();
  for (const auto& [name, cpu] : server.threads()) {
    if (cpu.total() == 0) continue;
    threads.push_back(
        {{"name", name}, {"user_s", rounded(cpu.user_s)}, {"system_s", rounded(cpu.system_s)}});
  }
  return {{"us_per_delivery", each(used.total(), delivered)},
          {"user_us_per_delivery", each(used.user_s, delivered)},
          {"system_us_per_delivery", each(used.system_s, delivered)},
          {"us_per_edit", each(used.total(), tally.sent)},
          {"cpu_s", rounded(used.total())},
          {"cores", rounded(used.total() / run.measured_s())},
          {"threads", threads},
          {"rss_bytes",
           {{"start", server.first_rss()},
            {"before", server.rss_before()},
            {"measured_peak", server.measured_peak_rss()},
            {"after", server.rss_after()},
            {"peak", server.peak_rss()},
            {"end", server.last_rss()}}},
          {"bytes_per_connection", connection_bytes(scenario, server)}};
}

const char* acknowledgement_of(const Wire& wire) {
  switch (wire.acknowledgement()) {
    case Acknowledgement::echo: return "echo";
    case Acknowledgement::counted: return "status";
    case Acknowledgement::numbered: return "note";
    default: return "none";
  }
}

std::string text(const char* format, auto... values) {
  char out[256];
  std::snprintf(out, sizeof(out), format, values...);
  return out;
}

std::string line_of(const char* name, const Json& ms) {
  if (ms["count"] == 0) return {};
  return text("%-16s p50 %9.3f   p99 %9.3f   p99.9 %9.3f   max %9.3f ms   (%llu)\n", name,
              ms["p50"].get<double>(), ms["p99"].get<double>(), ms["p999"].get<double>(),
              ms["max"].get<double>(), ms["count"].get<unsigned long long>());
}

std::string storm_lines(const Json& storm) {
  return text("storm            %llu of %llu in after %.2f s; %llu failed, %llu came again\n",
              storm["in"].get<unsigned long long>(), storm["clients"].get<unsigned long long>(),
              storm["seconds"].get<double>(), storm["failed"].get<unsigned long long>(),
              storm["returned"].get<unsigned long long>()) +
         line_of("in the storm", storm["joined_ms"]);
}

std::string server_lines(const Json& server) {
  const auto mb = [&](const char* when) { return server["rss_bytes"][when].get<double>() / 1e6; };
  std::string out =
      text("server           %.3f µs a delivery (user %.3f, system %.3f), %.2f cores\n",
           server["us_per_delivery"].get<double>(), server["user_us_per_delivery"].get<double>(),
           server["system_us_per_delivery"].get<double>(), server["cores"].get<double>());
  for (const Json& thread : server["threads"]) {
    out += text("  %-14s user %.2f s, system %.2f s\n", thread["name"].get<std::string>().c_str(),
                thread["user_s"].get<double>(), thread["system_s"].get<double>());
  }
  return out +
         text(
             "  memory         %.1f MB at the start, %.1f to %.1f (peak %.1f) while measured, "
             "%.1f at the peak, %.1f at the end\n",
             mb("start"), mb("before"), mb("after"), mb("measured_peak"), mb("peak"), mb("end"));
}

}  // namespace

std::string void_because(double late_p99_ms, double own_cores) {
  if (late_p99_ms > kMaxLateMs)
    return text("the generator itself was late, p99 %.3f ms", late_p99_ms);
  if (own_cores > kMaxOwnCores)
    return text("the generator had no time left, %.2f cores", own_cores);
  return {};
}

Json report_of(const Scenario& scenario, const World& world, const Run& run) {
  const Tally& tally = world.tally;
  const Books books = run.books();
  const double s = run.measured_s();
  const auto rate = [&](uint64_t count) { return rounded(static_cast<double>(count) / s); };
  Json report;
  report["scenario"] = scenario_of(scenario);
  const Json late = ms_of(tally.late);
  // A storm that waits for the generator is shorter than it says.
  const std::string because =
      scenario.storm ? "" : void_because(late["p99"].get<double>(), run.own_cpu());
  report["void"] = !because.empty();
  report["void_because"] = because;
  const bool all_in = !scenario.storm || run.storm().joined().count() == scenario.all_clients();
  report["complete"] = all_in && books.complete();
  if (scenario.storm) report["storm"] = storm_of(scenario, run.storm(), s);
  report["edits"] = {{"offered", tally.offered},
                     {"sent", tally.sent},
                     {"offered_per_s", rate(tally.offered)},
                     {"sent_per_s", rate(tally.sent)}};
  report["deliveries"] = {
      {"per_s", rate(tally.delivered)},
      {"expected", books.expected},
      {"received", books.received},
      {"bytes_each", tally.delivered == 0 ? 0
                                          : rounded(static_cast<double>(tally.bytes) /
                                                    static_cast<double>(tally.delivered))}};
  report["messages"] = {{"per_s", rate(tally.messages)},
                        {"parsed", run.parsed()},
                        {"presence_per_s", rate(tally.presence)}};
  report["presence"] = {{"offered", tally.states_offered},
                        {"sent", tally.states_sent},
                        {"per_s", rate(tally.states_delivered)},
                        {"expected", books.states_expected},
                        {"received", books.states_received}};
  report["presence_ms"] = ms_of(tally.presence_latency);
  report["latency_ms"] = ms_of(tally.latency);
  report["paused_latency_ms"] = ms_of(tally.paused_latency);
  report["acknowledgement"] = acknowledgement_of(world.wire);
  report["acknowledgements"] = {{"expected", tally.sent_all}, {"received", tally.acknowledged_all}};
  report["acknowledged_ms"] = ms_of(tally.acknowledged);
  report["joined_ms"] = ms_of(tally.joined);
  report["generator"] = {
      {"late_ms", late}, {"turn_ms", ms_of(tally.turn)}, {"cores", rounded(run.own_cpu())}};
  if (run.server().watching()) report["server"] = server_of(scenario, tally, run);
  report["closes"] = Json::object();
  for (const auto& [code, count] : tally.faults.closes())
    report["closes"][std::to_string(code)] = count;
  report["faults"] = Json::object();
  for (const auto& [why, count] : tally.faults.reasons()) report["faults"][why] = count;
  return report;
}

std::string table_of(const Json& report) {
  const Json& edits = report["edits"];
  const Json& deliveries = report["deliveries"];
  std::string out = text("edits            %.0f/s offered, %.0f/s sent\n",
                         edits["offered_per_s"].get<double>(), edits["sent_per_s"].get<double>());
  out += text("deliveries       %.0f/s, %.1f bytes each; %llu of %llu: %s\n",
              deliveries["per_s"].get<double>(), deliveries["bytes_each"].get<double>(),
              deliveries["received"].get<unsigned long long>(),
              deliveries["expected"].get<unsigned long long>(),
              report["complete"].get<bool>() ? "complete" : "NOT COMPLETE");
  out += text("messages         %.0f/s\n", report["messages"]["per_s"].get<double>());
  if (report.contains("storm")) out += storm_lines(report["storm"]);
  out += line_of("latency", report["latency_ms"]) +
         line_of("after a pause", report["paused_latency_ms"]) +
         line_of("presence", report["presence_ms"]) +
         line_of("acknowledged", report["acknowledged_ms"]) +
         line_of("joined", report["joined_ms"]) +
         line_of("generator late", report["generator"]["late_ms"]) +
         line_of("generator turn", report["generator"]["turn_ms"]) +
         text("generator        %.2f cores\n", report["generator"]["cores"].get<double>());
  if (report.contains("server")) out += server_lines(report["server"]);
  for (const auto& [why, count] : report["faults"].items()) {
    out += text("fault            %llu × %s\n", count.get<unsigned long long>(), why.c_str());
  }
  if (report["void"].get<bool>()) {
    out +=
        "VOID: " + report["void_because"].get<std::string>() + "; none of this is the server's\n";
  }
  return out;
}

}  // namespace freshet::load
