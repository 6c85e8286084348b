#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

// epoll, eventfd, accept4 and sendfile: behind _GNU_SOURCE, or with a union that Swift cannot read.
// Each call returns -1 with errno set when it fails.

#define CLINUX_READABLE 0x001u
#define CLINUX_WRITABLE 0x004u
#define CLINUX_ERROR 0x008u
#define CLINUX_HANG_UP 0x010u
#define CLINUX_PEER_CLOSED 0x2000u
#define CLINUX_EDGE_TRIGGERED 0x80000000u
/// Wakes one of the loops that share a listener, not all of them.
#define CLINUX_EXCLUSIVE 0x10000000u

struct clinux_event {
    uint64_t data;
    uint32_t events;
};

/// An IPv6 address, or IPv4 mapped into it, in network order.
struct clinux_address {
    uint8_t bytes[16];
    uint16_t port;
};

int clinux_epoll_create(void);
int clinux_epoll_add(int epoll, int descriptor, uint32_t events, uint64_t data);
int clinux_epoll_remove(int epoll, int descriptor);
/// At most 256 events; a signal counts as none.
int clinux_epoll_wait(int epoll, struct clinux_event *events, int capacity, int timeout_milliseconds);

int clinux_eventfd(void);
void clinux_eventfd_signal(int descriptor);
void clinux_eventfd_clear(int descriptor);

/// A non-blocking listening socket on an IPv4 or IPv6 address, or -1 with errno set (EINVAL for no address).
int clinux_listen(const char *address, uint16_t port, int backlog);
/// Takes one waiting connection, non-blocking and closed on exec.
int clinux_accept(int listener, struct clinux_address *peer);
/// Where a listening socket is bound.
int clinux_local_port(int descriptor);
/// Sends without SIGPIPE; `more` says that further bytes follow at once.
ssize_t clinux_send(int descriptor, const void *bytes, size_t count, bool more);
ssize_t clinux_sendfile(int socket, int file, int64_t offset, size_t count);
/// Sends what is in the buffers and then the end; what the peer still sends can be read.
void clinux_shutdown_write(int descriptor);
/// Milliseconds since the machine started, as of the last timer tick (at most 10 ms ago).
int64_t clinux_monotonic_milliseconds(void);
