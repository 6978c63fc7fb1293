#include "options_table.hpp"

#include <catch2/catch.hpp>

using namespace krait::tools;

TEST_CASE("bytes are shown in the largest unit that divides them") {
    CHECK(bytes_text(0) == "0");
    CHECK(bytes_text(100) == "100 B");
    CHECK(bytes_text(1024) == "1 KiB");
    CHECK(bytes_text(1536) == "1536 B");
    CHECK(bytes_text(64ull << 20) == "64 MiB");
    CHECK(bytes_text(5ull << 50) == "5120 TiB");
}

TEST_CASE("every option has a variable, a type and a help text") {
    const auto rows = options_table();
    REQUIRE_FALSE(rows.empty());
    for (const option_row& row : rows) {
        CAPTURE(row.variable);
        CHECK(row.variable.starts_with("KRAIT_"));
        CHECK(row.variable.find_first_of("abcdefghijklmnopqrstuvwxyz") == std::string::npos);
        CHECK_FALSE(row.type.empty());
        CHECK_FALSE(row.standard.empty());
        CHECK_FALSE(row.help.empty());
    }
}

TEST_CASE("the two forms of the table") {
    const std::vector<option_row> rows{{"KRAIT_A", "bytes", "1 MiB", "0 to 1 GiB", "what it does"}};
    CHECK(options_as_text(rows) == "KRAIT_A  bytes, default 1 MiB, 0 to 1 GiB\n    what it does\n");
    CHECK(options_as_markdown(rows) == "| variable | type | default | range | meaning |\n|---|---|---|---|---|\n"
                                       "| `KRAIT_A` | bytes | 1 MiB | 0 to 1 GiB | what it does |\n");
}
