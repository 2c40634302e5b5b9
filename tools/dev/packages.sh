# What has to be installed, and installing it. Sourced by ./dev.

# The package names of the given groups of tools/packages.
package_names() {
  local group
  for group in "$@"; do
    awk -v want="[$group]" '{ sub(/#.*/, "") } /^\[/ { on = ($1 == want); next } on && NF { print $1 }' \
      tools/packages
  done
}

# Those of the named packages that dpkg does not have.
missing_of() {
  local have
  have=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null |
    awk '$1 == "installed" { print $2 }' || true)
  comm -23 <(printf '%s\n' "$@" | sort -u) <(sort -u <<<"$have")
}

# Debian's package of a PostgreSQL server makes a cluster and starts it. Tests have their own, so it
# is told not to, unless somebody has said already how it is to be. Uses as_root of its caller.
no_main_cluster() {
  local file=/etc/postgresql-common/createcluster.conf
  case " $* " in *" postgresql-"*) ;; *) return 0 ;; esac
  [ ! -e "$file" ] || return 0
  "${as_root[@]}" mkdir -p "${file%/*}"
  "${as_root[@]}" sh -c "printf '%s\n' \"# Written by Freshet's ./dev: its tests start servers of their own.\" \
    'create_main_cluster = false' >'$file'"
}

# Debian starts what it installs, now and with the machine. Not these, which nobody asked for but the tests. What is installed
# already stays as somebody has it. Uses as_root of its caller; with_services_started ends what is begun here.
test_services="nginx haproxy caddy pgbouncer"
with_no_service_started() {
  local name wanted=""
  for name in $test_services; do
    case " $* " in *" $name "*) wanted+="disable $name.service"$'\n' ;; esac
  done
  [ -n "$wanted" ] || return 0
  "${as_root[@]}" mkdir -p /etc/systemd/system-preset
  printf '# Written by Freshet'"'"'s ./dev: its tests start these themselves.\n%s' "$wanted" |
    "${as_root[@]}" tee /etc/systemd/system-preset/50-freshet.preset >/dev/null
  [ ! -e /usr/sbin/policy-rc.d ] || return 0
  policy_is_ours=yes
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee /usr/sbin/policy-rc.d >/dev/null
  "${as_root[@]}" chmod +x /usr/sbin/policy-rc.d
}
with_services_started() {
  [ -z "${policy_is_ours:-}" ] || "${as_root[@]}" rm -f /usr/sbin/policy-rc.d
  policy_is_ours=""
}

# Installs with apt, as root or through sudo, and says so; without either, says what to type.
install_packages() {
  local -a as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
      echo "dev: these packages are missing, and there is neither root nor sudo here. Type as root:" >&2
      echo "  apt-get update && apt-get install -y --no-install-recommends $*" >&2
      exit 1
    fi
    as_root=(sudo)
  fi
  say "installing $* (${as_root[*]:-as root}, apt-get)"
  no_main_cluster "$@"
  with_no_service_started "$@"
  local status=0
  "${as_root[@]}" apt-get update -qq || status=$?
  [ "$status" -ne 0 ] || "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "$@" >/dev/null || status=$?
  with_services_started
  return "$status"
}

# ensure_packages GROUP...: nothing to do takes a fraction of a second.
ensure_packages() {
  local -a names missing
  if ! command -v dpkg-query >/dev/null; then
    say "this is no Debian system: tools/packages names what has to be there; going on"
    return 0
  fi
  mapfile -t names < <(package_names "$@")
  mapfile -t missing < <(missing_of "${names[@]}")
  [ "${#missing[@]}" -eq 0 ] || install_packages "${missing[@]}"
}

node_is_usable() {
  command -v node >/dev/null && command -v npm >/dev/null &&
    node -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 18 ? 0 : 1)'
}

# Node runs real clients: in the tests, the benchmarks and the tour of the README.
ensure_node() {
  node_is_usable && return 0
  say "no Node of 18 or newer with npm here: taking Debian's"
  install_packages nodejs npm
  node_is_usable || { echo "dev: Debian's Node is older than 18; install a newer one" >&2; exit 1; }
}

# What the pages are bundled with, before meson looks whether it is there. Without it (no network, say) the plugins studio and
# demo have a page that says so.
ensure_studio() {
  { (ensure_node) && ensure_node_modules "${1:-studio}"; } || say "studio and demo are built without their pages"
}

# ensure_node_modules [FOLDER]: the exact versions of its package-lock.json, once per lockfile.
ensure_node_modules() {
  local folder=${1:-tests/interop} stamp
  [ -f "$folder/package-lock.json" ] || return 0
  stamp=$(sha256sum <"$folder/package-lock.json")
  [ "$(cat "$folder/node_modules/.freshet-lock" 2>/dev/null)" = "$stamp" ] && return 0
  say "fetching the packages of $folder (npm ci)"
  (cd "$folder" && npm ci --loglevel=error --no-audit --no-fund --ignore-scripts </dev/null) || return
  echo "$stamp" >"$folder/node_modules/.freshet-lock"
}
