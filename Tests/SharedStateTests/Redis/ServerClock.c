// Loaded into a redis-server: its clock is the number of microseconds in the file that PICTOR_TEST_CLOCK names.
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>

static const volatile int64_t *now_us;

__attribute__((constructor)) static void open_clock(void) {
    int file = open(getenv("PICTOR_TEST_CLOCK"), O_RDONLY);
    now_us = mmap(NULL, sizeof *now_us, PROT_READ, MAP_SHARED, file, 0);
    if (now_us == MAP_FAILED) abort();
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
    (void)zone;
    int64_t now = *now_us;
    time->tv_sec = now / 1000000;
    time->tv_usec = now % 1000000;
    return 0;
}
