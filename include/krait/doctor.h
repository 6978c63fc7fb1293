/* krait doctor for the program itself: which of its blocks nobody holds, and who holds the rest, asked for at a place
 * in the program. C and C++; no library to link with.
 *
 *   krait_doctor(2);      the report on standard error
 *
 * A process cannot stop its own other threads, nor look at their registers, without being in somebody's way: the krait
 * command looks from outside (docs/doctor.md says how), as a child of this process, and this call waits for it. So
 *
 *   krait has to be the process's malloc (preloaded or linked), and the command, of the same version, in PATH
 *   the process has a child meanwhile, as with system(3): not for programs whose wait(2) takes any child
 *   it allocates: not for signal handlers
 *   what a caller's own frames hold counts as held; what only the registers hold that a call may overwrite does not
 *   where Yama restricts ptrace (ptrace_scope 1), any process may look at this one meanwhile, and none afterwards
 *     (PR_SET_PTRACER) */
#ifndef KRAIT_DOCTOR_H
#define KRAIT_DOCTOR_H

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Writes to a descriptor that is open for writing what `krait doctor` says of this process; errors too. 0 when it was
 * said. Else the command's exit status (1: it says why), or -1 with errno: ENOENT without a krait command, or what kept
 * it from being started. */
static inline int krait_doctor(int descriptor) {
    extern char** environ;
    char process[24];
    char name[] = "krait", verb[] = "doctor";
    char* arguments[] = {name, verb, process, NULL};
    /* The command has an allocator of its own, and is not to be traced or reported on. */
    size_t count = 0, kept = 0;
    char** without;
    posix_spawn_file_actions_t actions;
    pid_t child = 0, ended;
    int status = 0, error;
    (void)snprintf(process, sizeof process, "%d", getpid());
    while (environ != NULL && environ[count] != NULL) ++count;
    without = (char**)malloc((count + 1) * sizeof *without);
    if (without == NULL) return -1;
    for (size_t i = 0; i < count; ++i)
        if (strncmp(environ[i], "LD_PRELOAD=", 11) != 0 && strncmp(environ[i], "KRAIT_", 6) != 0)
            without[kept++] = environ[i];
    without[kept] = NULL;
    (void)prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
    error = posix_spawn_file_actions_init(&actions);
    if (error == 0) {
        error = posix_spawn_file_actions_adddup2(&actions, descriptor, STDERR_FILENO);
        if (error == 0) error = posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
        if (error == 0) error = posix_spawnp(&child, name, &actions, NULL, arguments, without);
        posix_spawn_file_actions_destroy(&actions);
    }
    free(without);
    if (error == 0) {
        do {
            ended = waitpid(child, &status, 0);
        } while (ended < 0 && errno == EINTR);
        if (ended < 0) error = errno; /* somebody else has its status */
    }
    (void)prctl(PR_SET_PTRACER, 0, 0, 0, 0);
    if (error != 0) {
        errno = error;
        return -1;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

#endif
