# abigail-tools 2.2-2 (Debian 12: abidiff 2.2.0), binutils of Debian 12.
#
# A symbol of a library has a version, and one version of it is the default (foo@@V1): the one that -lfoo finds. Take the second @ away,
# as happens when a new version is begun and its default forgotten, and nothing that is built from now on links: "undefined reference".
# abidiff, the guard against such slips, sees no change and ends with status 0, with --harmless too; yet abidw writes the difference
# into its description (is-default-version), so abidiff of the two descriptions has it before its eyes and says nothing either.
. "$(dirname "$(realpath "$0")")/packages.sh"
unpack abigail-tools=2.2-2 libabigail0=2.2-2 libdw1 libelf1 libxml2 2>/dev/null
export LD_LIBRARY_PATH=$PWD/root/usr/lib/x86_64-linux-gnu

echo 'V1 { global: foo; local: *; };' > versions
for default in @@ @; do
    echo "int foo_1(int x) { return x; } __asm__(\".symver foo_1,foo${default}V1\");" > library.c
    cc -g -shared -fPIC library.c -Wl,--version-script=versions,-soname,libfoo.so.1 -o "with$default.so"
    root/usr/bin/abidw "with$default.so" > "with$default.abi"
done
echo 'int foo(int); int main(void) { return foo(0); }' > program.c

expect "version" "$(root/usr/bin/abidiff --version | grep -o "2.2.*")" "2.2.0"
expect "links before" "$(cc program.c with@@.so -o program 2>/dev/null; echo $?)" 0
expect "links after" "$(cc program.c with@.so -o program 2>&1 | grep -o 'undefined reference')" "undefined reference"
expect "abidiff" "$(root/usr/bin/abidiff --harmless with@@.so with@.so; echo $?)" 0
expect "abidiff of descriptions" "$(root/usr/bin/abidiff --harmless with@@.abi with@.abi; echo $?)" 0
expect "the descriptions" "$(grep -ho "is-default-version='[a-z]*'" with@@.abi with@.abi | tr '\n' ' ')" \
    "is-default-version='yes' is-default-version='no' "
