# Build folders, one per purpose. Sourced by ./dev.

# A clone in another folder finds the same objects in the cache; precompiled headers need the rest.
export CCACHE_NOHASHDIR="${CCACHE_NOHASHDIR:-1}"
export CCACHE_BASEDIR="${CCACHE_BASEDIR:-$PWD}"
export CCACHE_SLOPPINESS="${CCACHE_SLOPPINESS:-pch_defines,time_macros,include_file_mtime,include_file_ctime}"

ccache_prefix() { command -v ccache >/dev/null && echo "ccache " || true; }

# The heaviest files here want about 1.5 GB of memory each.
jobs() {
  local cores mem_mb
  cores=$(nproc)
  mem_mb=$(awk '/MemAvailable/ { print int($2 / 1024) }' /proc/meminfo)
  local fit=$((mem_mb / 1500))
  [ "$fit" -ge 1 ] || fit=1
  echo $((cores < fit ? cores : fit))
}

# configure DIR [meson options]: once; ninja follows later changes of the build files by itself.
configure() {
  local dir=$1
  shift
  if [ -f "$dir/build.ninja" ]; then
    # One that was configured before the packages of studio/ were there has left the pages out.
    [ -d studio/node_modules/esbuild ] && ! grep -q '^build studio/studio.js' "$dir/build.ninja" || return 0
    touch studio/meson.build
    return 0
  fi
  rm -rf "$dir"
  say "configuring $dir"
  meson setup "$dir" "$@" >/dev/null || { tail -n 30 "$dir/meson-logs/meson-log.txt" >&2; exit 1; }
}

# Most of what a compiler does is read headers: four sources of a target at once take half the time.
# So names in unnamed namespaces differ within a target; clang-tidy reads each source by itself.
unity=(-Dunity=on -Dunity_size=4)

# configure_release [DIR]
configure_release() {
  CC="${CC:-$(ccache_prefix)gcc}" CXX="${CXX:-$(ccache_prefix)g++}" \
    configure "${1:-build/release}" --buildtype=release "${unity[@]}"
}

# Clang, because its thread sanitizer knows what Asio does; so this is also the second compiler.
# Stack traces need lines and no variables (-g1), and what a sanitizer finds ends the program: that
# compiles a third faster than a way back from each finding, which nobody would notice.
configure_clang() {
  local dir=$1 args="-g1 -fno-sanitize-recover=all"
  shift
  CC="$(ccache_prefix)clang-19" CXX="$(ccache_prefix)clang++-19" CC_LD=lld-19 CXX_LD=lld-19 \
    configure "$dir" --buildtype=debugoptimized "${unity[@]}" -Dc_args="$args" -Dcpp_args="$args" "$@"
}

# On a terminal ninja says in one line how far it is; in a log each step would be a line of its own.
quiet=(--quiet)
[ ! -t 1 ] || quiet=()

# All that can be built, so that one run shows every error.
build_all() { ninja -C "$1" -j "$(jobs)" -k 0 "${quiet[@]}"; }

# The server and its plugins are what `meson install` would install. With --tests, and the --word
# and --skip-suite that run_tests.py gets, what these tests need as well.
build_targets() {
  local dir=$1
  local -a targets
  ninja -C "$dir" --quiet build.ninja  # the list of targets is as old as the last configuration
  mapfile -t targets < <(python3 tools/dev/targets.py "$@")
  [ "${#targets[@]}" -gt 0 ] || return 0
  ninja -C "$dir" -j "$(jobs)" -k 0 "${quiet[@]}" "${targets[@]}"
}
