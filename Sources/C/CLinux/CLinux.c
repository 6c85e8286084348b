#define _GNU_SOURCE
#include "CLinux.h"

#include <pthread.h>
#include <time.h>

void clinux_set_thread_name(const char *name) { pthread_setname_np(pthread_self(), name); }

int clinux_semaphore_wait(sem_t *semaphore, int64_t nanoseconds) {
  struct timespec until;
  clock_gettime(CLOCK_MONOTONIC, &until);
  int64_t total = until.tv_nsec + nanoseconds;
  until.tv_sec += total / 1000000000;
  until.tv_nsec = total % 1000000000;
  return sem_clockwait(semaphore, CLOCK_MONOTONIC, &until);
}
