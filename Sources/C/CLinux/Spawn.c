#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

int clinux_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int clinux_memory_file(void) { return memfd_create("pictor", MFD_CLOEXEC); }

// Runs in the child, on the stack of the parent, which waits: system calls only. Returns when something failed.
static void become(char *const arguments[], char *const environment[], const char *folder, const int streams[3],
                   pid_t group, bool ends_with_thread, pid_t parent) {
  if (ends_with_thread && prctl(PR_SET_PDEATHSIG, SIGKILL) < 0) return;
  if (getppid() != parent) _exit(127);  // it ended before it could be watched
  if (group >= 0 && setpgid(0, group) < 0) return;
  for (int signal = 1; signal < NSIG; signal++) {
    struct sigaction standard = {.sa_handler = SIG_DFL};
    sigaction(signal, &standard, NULL);  // fails for the two that cannot be changed, and for libc's own
  }
  // Out of the way first: one of them may be 0, 1 or 2.
  int high[3];
  for (int index = 0; index < 3; index++) {
    if ((high[index] = fcntl(streams[index], F_DUPFD, 3)) < 0) return;
  }
  for (int index = 0; index < 3; index++) {
    if (dup2(high[index], index) < 0) return;
  }
  // In the child, so that what other threads open meanwhile is closed too.
  if (close_range(3, ~0u, 0) < 0 || chdir(folder) < 0) return;
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  execve(arguments[0], arguments, environment);
}

pid_t clinux_spawn(char *const arguments[], char *const environment[], const char *folder, int input, int output,
                   int error, pid_t group, bool ends_with_thread) {
  const int streams[3] = {input, output, error};
  pid_t parent = getpid();
  // posix_spawn cannot ask for a signal at the parent's end. As it does, the child shares our memory until it is the
  // program: no page table is copied, and a handler that ran in it would change our state, so no signal may come.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  volatile int failure = 0;
  pid_t child = vfork();
  if (child == 0) {
    become(arguments, environment, folder, streams, group, ends_with_thread, parent);
    failure = errno;
    _exit(127);
  }
  if (child < 0) failure = errno;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (child > 0 && failure != 0) waitpid(child, NULL, 0);
  errno = failure;
  return failure == 0 ? child : -1;
}
