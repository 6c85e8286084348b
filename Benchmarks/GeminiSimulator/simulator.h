// A Gemini that is not there: its wire format, its quotas and its errors, over HTTP/2 with TLS or without, for tens of
// thousands of calls that wait at once. One thread; times are milliseconds of the monotonic clock.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// What the command line says.
struct options {
    int port;
    int streams;            // that a connection may have at once
    int rpm, tpm, rpd, ipm; // of each project; 0 for no limit
    int64_t shortest, longest;  // latency of an answer
    int64_t minute;         // length of the window of rpm and tpm
    int64_t day_ends;       // when the virtual Pacific midnight is, from the start; then every 1,440 minutes
    double unavailable, safety, no_image, reset;  // shares of the calls
    uint64_t seed;
};

extern struct options options;

/// How a call ends.
enum outcome { ANSWERED, SAFETY, NO_IMAGE, UNAVAILABLE, RESET, RPM_REACHED, TPM_REACHED, RPD_REACHED, IPM_REACHED, NOT_FOUND, UNREADABLE };
#define OUTCOMES 11

/// A request and its answer. Lives until its stream is closed and its time has come.
struct call {
    struct connection *connection;  // null once the stream is closed
    struct call *next, **place;  // among the calls of the connection
    int32_t stream;
    bool is_waiting;  // in the timers
    enum outcome outcome;
    int64_t due;
    int64_t retry_ms;  // what a refusal says
    char path[160];
    char key[80];
    char *body;
    size_t length, capacity;
    uint64_t digest;
    char *answer;
    size_t answer_length, sent;
};

// projects.c
struct verdict {
    enum outcome outcome;  // ANSWERED, or why the quota refuses
    int64_t retry_ms;
};

/// Counts a call against the limits of the key's project: what stands before the first dot of the key.
/// `draws`: whether a picture is asked for.
struct verdict admit(const char *key, int64_t tokens, bool draws, int64_t now);
/// Notes a call that somebody is billed for, answered or abandoned; true when the same body was billed before.
bool bill(uint64_t digest);

// bodies.c
/// Whether a picture is asked for.
bool asks_for_picture(const char *body);
/// The base64 of the first picture in a question, and what stands between its type's quotes before it; null without one.
const char *picture_in(const char *body, size_t *length, const char **type, size_t *type_length);
/// The body of an answer, to be freed; its status goes to `status`.
char *body_of(const struct call *call, int *status, size_t *length);

// summary.c
void count_arrival(int64_t now);
/// How long after it was asked for a call was taken. The body says when: `asked@` and milliseconds of the monotonic clock.
void count_wait(const char *body, int64_t now);
void count_project(bool is_new, int in_window);
void count_end(enum outcome outcome, bool is_duplicate, int64_t now);
/// A call whose caller left before its answer.
void count_abandoned(bool is_duplicate);
void count_parked(int change);
void count_connection(int change);
/// Everything that was counted, as JSON, to be freed.
char *summary(int64_t now);

// main.c
int64_t now_ms(void);
/// From 0 up to 1.
double chance(void);
void *must(void *memory);
/// Has `due` come to the call's connection when it is time.
void wait_for(struct call *call);

// connection.c
/// Connections speak TLS from now on, with the certificate and the key in this file; false when there are none.
bool use_tls(const char *file);
void accept_connection(int poll, int listener);
/// Reads and writes what can be; frees the connection when it is over.
void serve(struct connection *connection, uint32_t events);
/// It is time to answer.
void answer(struct call *call);
