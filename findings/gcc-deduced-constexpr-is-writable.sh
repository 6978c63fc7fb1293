#!/usr/bin/env bash
# g++ 12 (Debian 12: 12.2.0-14+deb12u1).
#
# inline constexpr std::array table{1, 2, 3, 4}; is a constant that lies in memory which can be written: .data, with a page of its
# own to be copied in every process that has the library. The same table as std::array<int, 4> lies in .rodata; so does the deduced one
# without inline. Only the type decides: wherever an inline variable's template arguments are deduced for an array inside of it, shown
# here with a template of four lines. Nothing warns; the code that reads it is the same.
. "$(dirname "$(realpath "$0")")/packages.sh"
unpack g++-12=12.2.0-14+deb12u1

cat > tables.cpp <<'CPP'
template <class T> struct table { T values[4]; };
template <class T, class... U> table(T, U...) -> table<T>;
inline constexpr table inline_deduced{1, 2, 3, 4};
inline constexpr table<int> inline_named{1, 2, 3, 4};
constexpr table static_deduced{1, 2, 3, 4};
int sum(int i) { return inline_deduced.values[i] + inline_named.values[i] + static_deduced.values[i]; }
CPP
compiler=root/usr/lib/gcc/x86_64-linux-gnu/12/cc1plus
expect "version" "$("$compiler" -quiet -version /dev/null -o /dev/null 2>&1 | grep -o "version 12\.2\.0" | head -n 1)" "version 12.2.0"
"$compiler" -quiet -std=c++20 -O2 tables.cpp -o tables.s
as tables.s -o tables.o
section() { objdump -t tables.o | awk -v name="$1" '$NF == name { for (i = 1; i < NF; ++i) if ($i ~ /^\./) print $i }'; }
expect "section of the deduced one" "$(section inline_deduced)" .data.inline_deduced
expect "section of the one whose type is written" "$(section inline_named)" .rodata.inline_named
expect "section of the deduced one that is not inline" "$(section _ZL14static_deduced)" .rodata
