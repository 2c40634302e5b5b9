// The descriptor, by hand: FRESHET_PLUGIN binds a store whose calls answer before they return, and
// this one's table is its own.
#include "freshet/plugin.h"
#include "store-postgres/postgres_store.h"

namespace {

using freshet::postgres::PostgresStore;

freshet_status create(const freshet_host* c_host, void** self) {
  const freshet::Host host(c_host);
  return freshet::detail::guard(host, [&]() -> freshet::Status {
    FRESHET_TRY(auto store, freshet::make_plugin<PostgresStore>(host));
    *self = store.release();
    return freshet::Status::ok;
  });
}

const void* service(void* self, const char* id) {
  const bool is_store = std::string_view(id) == FRESHET_STORE_ID;
  return is_store ? static_cast<PostgresStore*>(self)->table() : nullptr;
}

constexpr freshet::About kAbout = PostgresStore::kAbout;
constexpr const char* kOffers[] = {FRESHET_STORE_ID, nullptr};
constexpr const char* kNeeds[] = {nullptr};

constexpr freshet_plugin kPlugin{
    .size = sizeof(freshet_plugin),
    .abi = FRESHET_ABI_VERSION,
    .id = kAbout.id,
    .version = kAbout.version,
    .licence = kAbout.licence,
    .summary = kAbout.summary,
    .offers = kOffers,
    .needs = kNeeds,
    .settings = kAbout.settings.data(),
    .setting_count = kAbout.settings.size(),
    .setting_size = sizeof(freshet_setting),
    .create = create,
    .destroy = [](void* self) { delete static_cast<PostgresStore*>(self); },
    .service = service,
    .shared = kAbout.shared ? 1u : 0u,
    .restore = nullptr,
    .check_settings = freshet::detail::check_settings<PostgresStore>,
};

}  // namespace

extern "C" FRESHET_EXPORT const freshet_plugin* freshet_plugin_entry(void) { return &kPlugin; }
