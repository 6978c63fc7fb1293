# pkgconf 1.8.1 (Debian 12: pkgconf-bin 1.8.1-1).
#
# A package that was unpacked elsewhere is read with pkg-config --define-prefix, which takes the prefix from where the .pc file lies: two
# folders above pkgconfig/. Where Debian's own layout puts it, PREFIX/lib/x86_64-linux-gnu/pkgconfig, that is PREFIX/lib: headers are
# looked for in PREFIX/lib/include and libraries in PREFIX/lib/lib/x86_64-linux-gnu, with status 0 and no word. The same file under
# PREFIX/lib/pkgconfig or PREFIX/share/pkgconfig comes out right. What holds in all three is a prefix written with ${pcfiledir}.
. "$(dirname "$(realpath "$0")")/packages.sh"
unpack pkgconf-bin=1.8.1-1 libpkgconf3=1.8.1-1
export LD_LIBRARY_PATH=$PWD/root/usr/lib/x86_64-linux-gnu

# place FOLDER PREFIX: a package whose libraries are in lib/x86_64-linux-gnu, its .pc file in FOLDER
place() {
    mkdir -p "$1"
    printf '%s\n' "prefix=$2" 'includedir=${prefix}/include' 'libdir=${prefix}/lib/x86_64-linux-gnu' \
        'Name: shape' 'Description: a library' 'Version: 1' 'Cflags: -I${includedir}' 'Libs: -L${libdir} -lshape' > "$1/shape.pc"
}
# flags FOLDER OPTION...
flags() { PKG_CONFIG_LIBDIR=$1 root/usr/bin/pkgconf "${@:2}" --cflags --libs shape | sed "s|$PWD/||g; s| *$||"; }

place "$PWD/a/lib/pkgconfig" /usr
place "$PWD/b/share/pkgconfig" /usr
place "$PWD/c/lib/x86_64-linux-gnu/pkgconfig" /usr
place "$PWD/d/lib/x86_64-linux-gnu/pkgconfig" '${pcfiledir}/../../..'
expect "lib" "$(flags "$PWD/a/lib/pkgconfig" --define-prefix)" "-Ia/include -La/lib/x86_64-linux-gnu -lshape"
expect "share" "$(flags "$PWD/b/share/pkgconfig" --define-prefix)" "-Ib/include -Lb/lib/x86_64-linux-gnu -lshape"
expect "multiarch" "$(flags "$PWD/c/lib/x86_64-linux-gnu/pkgconfig" --define-prefix; echo "status $?")" \
    "-Ic/lib/include -Lc/lib/lib/x86_64-linux-gnu -lshape
status 0"
expect "pcfiledir" "$(realpath -m --relative-to="$PWD" $(flags "$PWD/d/lib/x86_64-linux-gnu/pkgconfig" | grep -o 'd/[^ ]*') | tr '\n' ' ')" \
    "d/include d/lib/x86_64-linux-gnu "
