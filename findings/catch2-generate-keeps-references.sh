# Catch2 2.13.10 (Debian 12: catch2 2.13.10-1).
#
# GENERATE(first, 2u * first) of a named constant and a computed value compiles without a warning, and its generator is one of
# references: the type is taken from the first argument as it is, and a variable is an lvalue. The computed values are then temporaries
# that are gone when the test asks for them. With the computed value in front, or as<unsigned>{}, the generator is one of values.
. "$(dirname "$(realpath "$0")")/packages.sh"
unpack catch2=2.13.10-1

cat > generate.cpp <<'CPP'
#include <cstdio>
#include <type_traits>
#include <catch2/catch.hpp>
using namespace Catch::Generators;
template <class T> const char* kind(const Generators<T>&) { return std::is_reference_v<T> ? "references" : "values"; }
int main() {
    constexpr unsigned first = 1;
    std::printf("variable first: %s\n", kind(makeGenerators(first, 2u * first)));
    std::printf("computed first: %s\n", kind(makeGenerators(2u * first, first)));
    std::printf("as: %s\n", kind(makeGenerators(as<unsigned>{}, first, 2u * first)));
}
CPP
g++ -std=c++17 -O0 -Wall -Wextra -Werror -I root/usr/include -DCATCH_CONFIG_RUNNER generate.cpp -o generate
expect "generators" "$(./generate)" "variable first: references
computed first: values
as: values"
