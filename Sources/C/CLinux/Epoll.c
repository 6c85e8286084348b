#define _GNU_SOURCE
#include "CLinuxEpoll.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

_Static_assert(CLINUX_READABLE == EPOLLIN && CLINUX_WRITABLE == EPOLLOUT, "epoll's numbers");
_Static_assert(CLINUX_ERROR == EPOLLERR && CLINUX_HANG_UP == EPOLLHUP, "epoll's numbers");
_Static_assert(CLINUX_PEER_CLOSED == EPOLLRDHUP && CLINUX_EDGE_TRIGGERED == (uint32_t)EPOLLET, "epoll's numbers");
_Static_assert(CLINUX_EXCLUSIVE == EPOLLEXCLUSIVE, "epoll's numbers");

int clinux_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

int clinux_epoll_add(int epoll, int descriptor, uint32_t events, uint64_t data) {
    struct epoll_event event = {.events = events, .data.u64 = data};
    return epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
}

int clinux_epoll_remove(int epoll, int descriptor) {
    struct epoll_event event = {0};
    return epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, &event);
}

int clinux_epoll_wait(int epoll, struct clinux_event *events, int capacity, int timeout_milliseconds) {
    struct epoll_event found[256];
    int count = epoll_wait(epoll, found, capacity < 256 ? capacity : 256, timeout_milliseconds);
    if (count < 0) return errno == EINTR ? 0 : -1;
    for (int i = 0; i < count; i++) {
        events[i].data = found[i].data.u64;
        events[i].events = found[i].events;
    }
    return count;
}

int clinux_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

void clinux_eventfd_signal(int descriptor) {
    uint64_t one = 1;
    // It fails only when the counter is full, and then the reader is awake anyway.
    if (write(descriptor, &one, sizeof one) < 0) return;
}

void clinux_eventfd_clear(int descriptor) {
    uint64_t count;
    if (read(descriptor, &count, sizeof count) < 0) return;
}

static void read_address(const struct sockaddr_storage *from, struct clinux_address *to) {
    memset(to, 0, sizeof *to);
    if (from->ss_family == AF_INET6) {
        const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)from;
        memcpy(to->bytes, &six->sin6_addr, 16);
        to->port = ntohs(six->sin6_port);
    } else if (from->ss_family == AF_INET) {
        const struct sockaddr_in *four = (const struct sockaddr_in *)from;
        to->bytes[10] = to->bytes[11] = 0xff;
        memcpy(to->bytes + 12, &four->sin_addr, 4);
        to->port = ntohs(four->sin_port);
    }
}

int clinux_listen(const char *address, uint16_t port, int backlog) {
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    bool is_four = inet_pton(AF_INET, address, &four.sin_addr) == 1;
    if (!is_four && inet_pton(AF_INET6, address, &six.sin6_addr) != 1) {
        errno = EINVAL;
        return -1;
    }
    int descriptor = socket(is_four ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -1;
    int one = 1;
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    // Accepted sockets inherit it: answers leave at once, whatever is still unacknowledged.
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    int bound = is_four ? bind(descriptor, (struct sockaddr *)&four, sizeof four)
                        : bind(descriptor, (struct sockaddr *)&six, sizeof six);
    if (bound == 0 && listen(descriptor, backlog) == 0) return descriptor;
    int reason = errno;
    close(descriptor);
    errno = reason;
    return -1;
}

void clinux_shutdown_write(int descriptor) { shutdown(descriptor, SHUT_WR); }

int clinux_accept(int listener, struct clinux_address *peer) {
    struct sockaddr_storage address;
    socklen_t length = sizeof address;
    int descriptor = accept4(listener, (struct sockaddr *)&address, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor >= 0) read_address(&address, peer);
    return descriptor;
}

int clinux_local_port(int descriptor) {
    struct sockaddr_storage address;
    socklen_t length = sizeof address;
    if (getsockname(descriptor, (struct sockaddr *)&address, &length) < 0) return -1;
    struct clinux_address local;
    read_address(&address, &local);
    return local.port;
}

ssize_t clinux_send(int descriptor, const void *bytes, size_t count, bool more) {
    return send(descriptor, bytes, count, MSG_NOSIGNAL | (more ? MSG_MORE : 0));
}

ssize_t clinux_sendfile(int socket, int file, int64_t offset, size_t count) {
    off_t position = offset;
    return sendfile(socket, file, &position, count);
}

int64_t clinux_monotonic_milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
