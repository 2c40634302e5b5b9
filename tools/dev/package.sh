# What people install, into build/package/out. Sourced by ./dev.
#
#   deb       freshet, freshet-sdk, freshet-crdt, built as Debian builds, from a copy of this tree
#   tarball   what is in them, with all libraries but libc's: goes anywhere
#   npm       the tarball as a package of npm

package_dir=build/package
package_out=$package_dir/out

freshet_version() { sed -n "s/^  version: '\(.*\)',$/\1/p" meson.build; }

# The time of the last commit, so that the same tree makes the same packages.
export_source_date() {
  SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null || date +%s)
  export SOURCE_DATE_EPOCH
}

# A copy for Debian's tools, which want a folder debian/ in it, and leave things there.
# Each file as new as this copy: one that was changed while the last copy was compiled is older than what came of it.
package_source() {
  local source=$package_dir/source
  mkdir -p "$source"
  git ls-files -z --cached --others --exclude-standard | tar --ignore-failed-read --null --no-recursion --files-from=- -c | tar -x -m -C "$source"
  rm -rf "$source/debian"
  cp -r packaging/debian "$source/debian"
  sed "s/@BUILD_DEPENDS@/$(package_names build | grep -v -x ccache | paste -sd, | sed 's/,/, /g')/" \
    packaging/debian/control.in >"$source/debian/control"
  rm "$source/debian/control.in"
  printf 'freshet (%s) unstable; urgency=medium\n\n  * See CHANGELOG.md.\n\n -- The Freshet authors <authors@freshet.invalid>  %s\n' \
    "$(freshet_version)" "$(date -u -R -d "@$SOURCE_DATE_EPOCH")" >"$source/debian/changelog"
}

package_debs() {
  say "building the debs of $(freshet_version): some minutes the first time"
  package_source
  ensure_studio $package_dir/source/studio
  (cd $package_dir/source && PATH="/usr/lib/ccache:$PATH" DEB_BUILD_OPTIONS="parallel=$(jobs) terse noautodbgsym" \
    CCACHE_BASEDIR=$PWD dpkg-buildpackage --build=binary --unsigned-source --unsigned-changes --no-pre-clean) \
    >$package_dir/debs.log 2>&1 || { tail -n 40 $package_dir/debs.log >&2; exit 1; }
  mv $package_dir/*.deb "$package_out/"
  cp packaging/container.toml "$package_out/"
}

# Of a program or library, those it loads that a system's libc does not bring: name and place.
bundled_libraries() {
  ldd "$@" | awk '$2 == "=>" && $3 ~ /^\// { print $1, $3 }' | sort -u |
    grep -v -E '^(libc|libm|libdl|librt|libpthread|libresolv|ld-linux.*)\.so'
}

package_tarball() {
  local version name tree files library place
  version=$(freshet_version)
  name=freshet-$version-linux-x86_64
  tree=$package_dir/$name
  say "making $name.tar.gz"
  rm -rf "$tree"
  mkdir -p "$tree"
  for place in freshet freshet-sdk freshet-crdt; do
    dpkg-deb -x "$package_out/${place}_${version}_amd64.deb" "$package_dir/unpacked-$place"
    cp -a "$package_dir/unpacked-$place/usr/." "$tree/"
    rm -rf "${package_dir:?}/unpacked-$place"
  done
  rm -rf "$tree/lib/systemd" "$tree/lib/sysusers.d" "$tree/share/doc" "$tree/share/lintian"
  mkdir -p "$tree/lib/freshet/libraries"
  mapfile -t files < <(find "$tree/bin" "$tree/libexec" "$tree/lib/freshet/plugins" -type f)
  while read -r library place; do
    cp -L "$place" "$tree/lib/freshet/libraries/$library"
  done < <(bundled_libraries "${files[@]}")
  patchelf --set-rpath "\$ORIGIN/../lib/freshet/libraries" "$tree/bin/freshet"
  patchelf --set-rpath "\$ORIGIN/../../lib/freshet/libraries" "$tree"/libexec/freshet/*
  patchelf --set-rpath "\$ORIGIN/../libraries" "$tree"/lib/freshet/plugins/*.so
  chmod u+w "$tree"/lib/freshet/libraries/*
  patchelf --set-rpath "\$ORIGIN" "$tree"/lib/freshet/libraries/*
  cp README.md LICENSE CHANGELOG.md THREAT_MODEL.md CONTRIBUTING.md freshet.toml "$tree/"
  mkdir "$tree/packaging"
  cp -r "$package_dir/source/packaging/monitoring" "$tree/packaging/"
  cp -r "$package_dir/source/docs" "$package_dir/source/examples" "$tree/"
  tar --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner -C $package_dir -c "$name" |
    gzip -n -9 >"$package_out/$name.tar.gz"
}

package_npm() {
  local version tree=$package_dir/npm
  version=$(freshet_version)
  say "making freshet-$version.tgz for npm"
  rm -rf "$tree"
  mkdir -p "$tree/linux-x64"
  cp -r packaging/npm/bin packaging/npm/README.md LICENSE "$tree/"
  sed "s/@VERSION@/$version/" packaging/npm/package.json.in >"$tree/package.json"
  # A front-end's server: neither headers nor manual.
  cp -a "$package_dir/freshet-$version-linux-x86_64/bin" "$package_dir/freshet-$version-linux-x86_64/lib" "$tree/linux-x64/"
  rm -rf "$tree/linux-x64/lib/pkgconfig" "$tree"/linux-x64/lib/*.a
  (cd "$tree" && npm pack --silent --pack-destination "$OLDPWD/$package_out" >/dev/null)
}

package() {
  step packages
  ensure_packages build package
  ensure_node
  export_source_date
  mkdir -p "$package_out"
  step debs
  rm -f "$package_out"/*
  package_debs
  step tarball
  package_tarball
  package_npm
  ls -l "$package_out"
  [ "${1:-}" = test ] || return 0
  step installing
  ensure_packages build test package
  python3 packaging/tests/packages_test.py "$package_out" $package_dir
}
