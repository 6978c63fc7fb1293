# Python 3.11.2 (Debian 12: python3.11-minimal 3.11.2-6+deb12u9), Linux 6.
#
# The peak of a child as the kernel reports it (ru_maxrss of wait4, what resource.getrusage(RUSAGE_CHILDREN) and benchmark runners
# print) is not the child's. exec keeps the larger of the old program's peak and the new one's, and until exec the child had its
# launcher's memory: `true`, started by a Python that holds 300 MB, is said to have needed 300 MB, by subprocess, os.fork and
# os.posix_spawn alike. A harness that reads results into memory raises the peaks it measures next. A small program in between,
# which starts the command and waits for it, ends that: its own peak is inherited, but its child's is counted anew from its own few pages.
. "$(dirname "$(realpath "$0")")/packages.sh"
unpack python3.11-minimal=3.11.2-6+deb12u9 libpython3.11-minimal libpython3.11-stdlib 2>/dev/null
cat > between.c <<'C'
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
int main(int count, char** command) {
    struct rusage used;
    int status;
    if (count < 2) return 2;
    if (fork() == 0) execv(command[1], command + 1), _exit(127);
    if (wait4(-1, &status, 0, &used) < 0) return 1;
    printf("%ld\n", used.ru_maxrss);
}
C
cc -O1 between.c -o between

cat > launch.py <<'P'
import os, subprocess
held = bytearray(300 << 20)
for page in range(0, len(held), 4096): held[page] = 1
def forked():
    pid = os.fork()
    if pid == 0: os.execv("/bin/true", ["true"])
    return pid
ways = {"subprocess": lambda: subprocess.Popen(["/bin/true"]).pid, "fork": forked,
        "posix_spawn": lambda: os.posix_spawn("/bin/true", ["true"], {})}
for name, start in ways.items():
    peak = os.wait4(start(), 0)[2].ru_maxrss
    print(name, "launcher's" if peak > 300 << 10 else "child's")
peak = int(subprocess.run(["./between", "/bin/true"], capture_output=True, text=True).stdout)
print("between", "launcher's" if peak > 300 << 10 else "child's")
P
export PYTHONHOME=$PWD/root/usr
expect "version" "$(root/usr/bin/python3.11 --version)" "Python 3.11.2"
expect "whose peak" "$(root/usr/bin/python3.11 launch.py)" "subprocess launcher's
fork launcher's
posix_spawn launcher's
between child's"
