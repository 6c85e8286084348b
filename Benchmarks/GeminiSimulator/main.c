// Options, the loop, and the calls that wait for their time.
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "simulator.h"

struct options options = {
    .streams = 100, .rpm = 60, .shortest = 30000, .longest = 60000, .minute = 60000, .day_ends = 86400000,
    .unavailable = 0.01, .safety = 0.002, .no_image = 0.005, .seed = 1,
};

static const char usage[] =
    "usage: GeminiSimulator [options]\n"
    "  --port N           on 127.0.0.1 (8090)\n"
    "  --tls FILE         a certificate and its key; else HTTP/2 without TLS\n"
    "  --rpm N --tpm N --rpd N --ipm N   limits of each project, 0 for none (60, 0, 0, 0); ipm is of pictures drawn\n"
    "  --latency A-B      seconds, evenly (30-60)\n"
    "  --midnight S       seconds until the virtual Pacific midnight (86400)\n"
    "  --compress N       time runs so many times as fast: latencies, minutes and days (1)\n"
    "  --unavailable P --safety P --no-image P --reset P   shares of the calls (0.01 0.002 0.005 0)\n"
    "  --streams N        calls on a connection at once (100)\n"
    "  --seed N           (1)\n"
    "A key's project is what stands before its first dot. GET /summary tells what happened, and so does SIGTERM.\n";

int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

double chance(void) {
    options.seed += 0x9e3779b97f4a7c15;
    uint64_t mix = (options.seed ^ options.seed >> 30) * 0xbf58476d1ce4e5b9;
    mix = (mix ^ mix >> 27) * 0x94d049bb133111eb;
    return (double)((mix ^ mix >> 31) >> 11) / (double)(1ULL << 53);
}

void *must(void *memory) {
    if (memory) return memory;
    fputs("GeminiSimulator: out of memory\n", stderr);
    abort();
}

// The calls that wait, the next one first (a binary heap).
static struct call **waiting;
static size_t waiting_count, waiting_room;

void wait_for(struct call *call) {
    if (waiting_count == waiting_room) {
        waiting_room = waiting_room ? waiting_room * 2 : 1 << 16;
        waiting = must(realloc(waiting, waiting_room * sizeof *waiting));
    }
    size_t place = waiting_count++;
    for (; place > 0 && waiting[(place - 1) / 2]->due > call->due; place = (place - 1) / 2) {
        waiting[place] = waiting[(place - 1) / 2];
    }
    waiting[place] = call;
}

static struct call *take_next(void) {
    struct call *next = waiting[0], *last = waiting[--waiting_count];
    size_t place = 0;
    for (size_t child = 1; child < waiting_count; child = 2 * place + 1) {
        if (child + 1 < waiting_count && waiting[child + 1]->due < waiting[child]->due) child++;
        if (waiting[child]->due >= last->due) break;
        waiting[place] = waiting[child];
        place = child;
    }
    waiting[place] = last;
    return next;
}

static void read_options(int count, char **words) {
    static const struct option known[] = {
        {"port", 1, 0, 'p'}, {"tls", 1, 0, 'T'}, {"rpm", 1, 0, 'r'}, {"tpm", 1, 0, 't'}, {"rpd", 1, 0, 'd'}, {"ipm", 1, 0, 'i'}, {"latency", 1, 0, 'l'},
        {"midnight", 1, 0, 'm'}, {"compress", 1, 0, 'c'}, {"unavailable", 1, 0, 'u'}, {"safety", 1, 0, 's'},
        {"no-image", 1, 0, 'n'}, {"reset", 1, 0, 'x'}, {"streams", 1, 0, 'k'}, {"seed", 1, 0, 'e'}, {0},
    };
    double compress = 1, shortest, longest;
    options.port = 8090;
    for (int option; (option = getopt_long(count, words, "", known, NULL)) != -1;) {
        switch (option) {
        case 'p': options.port = atoi(optarg); break;
        case 'T':
            if (use_tls(optarg)) break;
            fprintf(stderr, "GeminiSimulator: %s has no certificate and key\n", optarg);
            exit(66);
        case 'r': options.rpm = atoi(optarg); break;
        case 't': options.tpm = atoi(optarg); break;
        case 'd': options.rpd = atoi(optarg); break;
        case 'i': options.ipm = atoi(optarg); break;
        case 'm': options.day_ends = (int64_t)(atof(optarg) * 1000); break;
        case 'c': compress = atof(optarg); break;
        case 'u': options.unavailable = atof(optarg); break;
        case 's': options.safety = atof(optarg); break;
        case 'n': options.no_image = atof(optarg); break;
        case 'x': options.reset = atof(optarg); break;
        case 'k': options.streams = atoi(optarg); break;
        case 'e': options.seed = strtoull(optarg, NULL, 10); break;
        case 'l':
            if (sscanf(optarg, "%lf-%lf", &shortest, &longest) == 2 && shortest <= longest) {
                options.shortest = (int64_t)(shortest * 1000);
                options.longest = (int64_t)(longest * 1000);
                break;
            }  // fall through
        default: fputs(usage, stderr), exit(64);
        }
    }
    if (optind < count || compress <= 0 || options.rpm < 0 || options.ipm < 0) fputs(usage, stderr), exit(64);
    options.shortest = (int64_t)((double)options.shortest / compress);
    options.longest = (int64_t)((double)options.longest / compress);
    options.minute = (int64_t)((double)options.minute / compress);
    // From here on it is a moment of the clock.
    options.day_ends = now_ms() + (int64_t)((double)options.day_ends / compress);
}

static int open_listener(void) {
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), yes = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)options.port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 1024) != 0) {
        perror("GeminiSimulator: 127.0.0.1");
        exit(69);
    }
    return listener;
}

static int open_signals(void) {
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    sigprocmask(SIG_BLOCK, &ends, NULL);
    // TLS writes without MSG_NOSIGNAL.
    signal(SIGPIPE, SIG_IGN);
    return signalfd(-1, &ends, SFD_CLOEXEC);
}

static void watch(int poll, int file, void *what) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = what};
    epoll_ctl(poll, EPOLL_CTL_ADD, file, &event);
}

int main(int count, char **words) {
    read_options(count, words);
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    static char at_listener, at_signals;
    int poll = epoll_create1(EPOLL_CLOEXEC), listener = open_listener();
    watch(poll, listener, &at_listener);
    watch(poll, open_signals(), &at_signals);
    while (true) {
        int64_t now = now_ms();
        while (waiting_count && waiting[0]->due <= now) answer(take_next());
        int64_t rest = waiting_count ? waiting[0]->due - now : 60000;
        // Serving frees no connection but its own, so the other events of a batch stay good.
        struct epoll_event events[64];
        int ready = epoll_wait(poll, events, 64, (int)(rest < 0 ? 0 : rest));
        for (int i = 0; i < ready; i++) {
            if (events[i].data.ptr == &at_signals) {
                fputs(summary(now_ms()), stdout);
                return 0;
            }
            if (events[i].data.ptr == &at_listener) accept_connection(poll, listener);
            else serve(events[i].data.ptr, events[i].events);
        }
    }
}
