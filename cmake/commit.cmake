# Writes OUTPUT, which tells the commit of SOURCE (a "+" behind it: the tree has changes), only where that has changed. Nothing
# where SOURCE is no repository, as in an archive of the sources: a packager may say KRAIT_COMMIT instead.
#   cmake -DSOURCE=... -DOUTPUT=... -DKRAIT_COMMIT=... -P commit.cmake
set(commit "${KRAIT_COMMIT}")
if(NOT commit AND EXISTS ${SOURCE}/.git)
    execute_process(COMMAND git -C ${SOURCE} describe --always --dirty=+ --abbrev=7 --exclude=*
        OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT [[
#include "base/commit.hpp"
namespace krait {
const char commit[] = "@commit@";
} // namespace krait
]] @ONLY)
