// A program that runs with more rights than its caller must not obey the caller's environment. Linked with the library
// (the loader itself drops LD_PRELOAD there) and run as a set-group-id copy of itself, so that AT_SECURE is set:
// options that would print and write files are ignored. Status 77 where no such copy can be made.
#include "../../support/hazard.hpp"
#include <filesystem>
#include <grp.h>
#include <string>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <vector>

namespace {

// A group that a copy can be given to and that is not the effective one: any for root, a supplementary one otherwise.
gid_t foreign_group() {
    if (geteuid() == 0) return 65534;
    std::vector<gid_t> groups(static_cast<std::size_t>(getgroups(0, nullptr)));
    CHECK(getgroups(static_cast<int>(groups.size()), groups.data()) >= 0);
    for (gid_t group : groups)
        if (group != getegid()) return group;
    hazard::skip("neither root nor in a second group: no set-group-id copy can be made");
}

} // namespace

int main(int argc, char** argv) {
    if (argc > 1) {
        if (!getauxval(AT_SECURE)) hazard::skip("the file system ignores set-group-id");
        std::free(std::malloc(100));
        return 0;
    }
    char folder[] = "/tmp/krait-secure-XXXXXX";
    CHECK(mkdtemp(folder));
    const std::string copy = std::string(folder) + "/copy", statistics = std::string(folder) + "/statistics";
    std::filesystem::copy_file("/proc/self/exe", copy);
    if (chown(copy.c_str(), static_cast<uid_t>(-1), foreign_group()) != 0 || chmod(copy.c_str(), S_ISGID | 0755) != 0) {
        std::filesystem::remove_all(folder);
        hazard::skip("no set-group-id copy can be made: no right to, or no such group in this container");
    }
    CHECK(setenv("KRAIT_VERBOSE", "1", 1) == 0 && setenv("KRAIT_STATS", statistics.c_str(), 1) == 0);
    CHECK(setenv("KRAIT_NO_SUCH_OPTION", "1", 1) == 0);
    const pid_t pid = fork();
    if (pid == 0) {
        execl(copy.c_str(), argv[0], "copy", nullptr);
        _exit(127);
    }
    int status = -1;
    CHECK(waitpid(pid, &status, 0) == pid);
    const bool wrote = std::filesystem::exists(statistics);
    std::filesystem::remove_all(folder);
    CHECK(!wrote);
    CHECK(WIFEXITED(status));
    return WEXITSTATUS(status);
}
