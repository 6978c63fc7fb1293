#!/usr/bin/env bash
# What somebody else's CMake project gets of krait: as a folder, fetched, and installed.
#   check.sh SOURCE BUILD CC CXX
set -euo pipefail
source=$1 build=$2 here=$(cd "$(dirname "$0")" && pwd)
export CC=$3 CXX=$4
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

# quietly COMMAND...: its output only if it fails.
quietly() { "$@" >"$tree/said" 2>&1 || { cat "$tree/said"; echo "FAIL $*"; exit 1; }; }

# expect WHAT ACTUAL WANTED: the two are the same text.
expect() { [ "$2" = "$3" ] || { printf 'FAIL %s\n  actual: %s\n  wanted: %s\n' "$@"; exit 1; }; }

# consumer NAME TARGET... OPTION...: configured and built as its author would.
consumer() {
    local name=$1 each options=() targets=()
    for each in "${@:2}"; do
        case $each in
        -*) options+=("$each") ;;
        *) targets+=("$each") ;;
        esac
    done
    quietly cmake -S "$here/$name" -B "$tree/$name" -G Ninja -DKRAIT_SOURCE="$source" ${launcher[@]+"${launcher[@]}"} \
        ${options[@]+"${options[@]}"}
    quietly cmake --build "$tree/$name" --target "${targets[@]}"
}
launcher=()
if command -v ccache >/dev/null; then
    launcher=(-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
fi

consumer subdirectory from_c from_cpp objects
version=$("$tree/subdirectory/from_c" | cut -d, -f1)
expect "C" "$("$tree/subdirectory/from_c")" "$version, with blocks"
expect "C++" "$("$tree/subdirectory/from_cpp")" "$version, with blocks"
quietly "$tree/subdirectory/objects"
expect "krait's tests are not the project's" "$(cd "$tree/subdirectory" && ctest -N | tail -1)" "Total Tests: 0"

consumer fetched from_c with_names
expect "C, fetched" "$("$tree/fetched/from_c")" "$version, with blocks"
expect "C, krait's own names" "$("$tree/fetched/with_names")" "$version, with blocks"

# A project that installs itself does not install krait along with it.
quietly cmake --install "$tree/fetched" --prefix "$tree/nothing"
expect "nothing of krait's" "$(find "$tree/nothing" -type f 2>/dev/null)" ""

quietly cmake --install "$build" --prefix "$tree/prefix"
library=$(dirname "$(find "$tree/prefix" -name libkrait.so)")
for installed in bin/krait include/krait/krait.h include/krait/object.hpp include/krait/object/ref.hpp \
    include/krait/object/value_source.hpp include/krait/object/value/impl/dict.hpp \
    share/man/man1/krait.1 share/man/man3/krait_malloc.3 share/man/man7/libkrait.7 share/man/man7/krait-object.7 \
    share/bash-completion/completions/krait share/zsh/site-functions/_krait; do
    [ -e "$tree/prefix/$installed" ] || { echo "FAIL $installed is not installed"; exit 1; }
done
expect "libraries" "$(cd "$library" && echo libkrait*)" \
    "libkrait.a libkrait.so libkrait.so.0 libkrait.so.${version#krait }.0 libkrait8.so libkrait8.so.0 libkrait8.so.${version#krait }.0 libkrait_api.a \
libkrait_debug.so libkrait_debug.so.0 libkrait_debug.so.${version#krait }.0 libkrait_hard.so libkrait_hard.so.0 libkrait_hard.so.${version#krait }.0 \
libkrait_trace.so libkrait_trace.so.0 libkrait_trace.so.${version#krait }.0"
mv "$tree/prefix" "$tree/moved" # what is installed may be moved
library=${library/prefix/moved}
quietly "$CC" -I "$tree/moved/include" "$here/program.c" -u malloc "$library/libkrait.a" -o "$tree/archive"
expect "the archive" "$("$tree/archive")" "$version, with blocks"
quietly "$CC" -I "$tree/moved/include" "$here/program.c" -L "$library" -Wl,-rpath,"$library" -lkrait -o "$tree/shared"
expect "the shared library" "$("$tree/shared")" "$version, with blocks"
for package in krait krait-api; do
    read -ra flags < <(PKG_CONFIG_PATH=$library/pkgconfig pkg-config --cflags --libs "$package")
    own=()
    [ "$package" = krait ] || own=(-DOWN_NAMES)
    quietly "$CC" "${own[@]}" "$here/program.c" "${flags[@]}" -Wl,-rpath,"$library" -o "$tree/by-$package"
    expect "pkg-config $package" "$("$tree/by-$package")" "$version, with blocks"
done
read -ra flags < <(PKG_CONFIG_PATH=$library/pkgconfig pkg-config --cflags --libs krait)
quietly "$CXX" "$here/program.cpp" "${flags[@]}" -Wl,-rpath,"$library" -o "$tree/cpp"
expect "pkg-config, C++" "$("$tree/cpp")" "$version, with blocks"
read -ra flags < <(PKG_CONFIG_PATH=$library/pkgconfig pkg-config --cflags krait-object)
quietly "$CXX" "$here/objects.cpp" "${flags[@]}" -o "$tree/by-object"
quietly "$tree/by-object"
echo '#include <krait/object/source.hpp>' >"$tree/source.cpp"
quietly "$CXX" -DKRAIT_OBJECT_SEPARATE_COMPILATION "$here/objects.cpp" "$tree/source.cpp" "${flags[@]}" \
    -o "$tree/by-source"
quietly "$tree/by-source"
consumer installed from_c from_c_shared from_c_api objects -DCMAKE_PREFIX_PATH="$tree/moved"
expect "find_package" "$("$tree/installed/from_c")" "$version, with blocks"
expect "find_package, shared" "$("$tree/installed/from_c_shared")" "$version, with blocks"
expect "find_package, krait's own names" "$("$tree/installed/from_c_api")" "$version, with blocks"
quietly "$tree/installed/objects"
expect "the command finds its library" "$("$tree/moved/bin/krait" run -v true 2>&1 | cut -d' ' -f1-4)" "$version.0 is loaded:"
echo "all as expected"
