#!/usr/bin/env bash
# llvm-14 1:14.0.6-12, llvm-22 1:22.1.8-1~deb12u1, dwz 0.15-1 (Debian 12), g++ 12.
#
# Debian's packages of debugging symbols have gone through dwz, which moves what several programs of a package share into one file
# (dwz -m). llvm-symbolizer, which names the frames in reports of AddressSanitizer and LeakSanitizer, does not follow the reference:
# an inlined function is "??" then, with status 0 and no warning, where its line, its column and the function around it are right.
# binutils' addr2line reads both files alike.
. "$(dirname "$(realpath "$0")")/packages.sh"
unpack dwz=0.15-1 llvm-14=1:14.0.6-12 llvm-22=1:22.1.8-1~deb12u1 $(apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks \
    --no-replaces --no-enhances libllvm14 libllvm22 libcurl3-nss | sed -n 's/^\(lib[a-z0-9.+-]*\)$/\1/p' | grep -v '^libc6$' | sort -u) 2>/dev/null
folders=$(find "$PWD/root" -type d -path '*/lib/x86_64-linux-gnu' | tr '\n' ':')

for name in first second; do
    cat > $name.cpp <<C
#include <cstdio>
#include <string>
#include <vector>
__attribute__((noinline)) int ${name}_count(int n) {
    std::vector<std::string> texts;
    for (int i = 0; i < n; ++i) texts.push_back(std::to_string(i));
    return static_cast<int>(texts.size());
}
int main(int argc, char**) { std::printf("%d\n", ${name}_count(argc)); }
C
    g++ -g -O1 -no-pie $name.cpp -o $name
    cp $name $name.dwz
done
root/usr/bin/dwz -m common.debug -M common.debug first.dwz second.dwz
start=$(nm first | sed -n 's/ T _Z11first_counti$//p')

# unnamed COMMAND: of the frames that it prints for the first 100 bytes of the function, those without a name
unnamed() {
    for ((i = 0; i < 100; ++i)); do printf '0x%x\n' $((0x$start + i)); done | "$@" | grep -c '^??$' || true
}
# llvm VERSION PROGRAM
llvm() { LD_LIBRARY_PATH=$folders root/usr/lib/llvm-$1/bin/llvm-symbolizer --inlines -e "$2"; }
for version in 14 22; do
    expect "llvm-symbolizer $version, before dwz: frames without a name" "$(unnamed llvm $version first)" 0
    after=$(unnamed llvm $version first.dwz)
    expect "after dwz" "$( ((after > 10)) && echo many || echo "$after")" many
done
expect "addr2line, after dwz" "$(unnamed addr2line -Cfi -e first.dwz)" 0
