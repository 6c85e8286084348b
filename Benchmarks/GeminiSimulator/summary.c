// What happened, in figures.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "simulator.h"

// Longer waits count as this.
#define LONGEST_WAIT 600000

static struct {
    int64_t calls, ends[OUTCOMES], duplicates, abandoned;
    int64_t parked, most_parked;
    int64_t connections, most_connections;
    int64_t projects, most_in_window;
    int64_t first, last;
    int64_t waits[LONGEST_WAIT + 1], waits_known;  // by milliseconds
    int64_t *answers;  // by second from the first call
    size_t seconds;
} counts;

void count_arrival(int64_t now) {
    if (!counts.calls) counts.first = now;
    counts.calls++;
}

void count_wait(const char *body, int64_t now) {
    const char *asked = strstr(body, "asked@");
    if (!asked) return;
    int64_t wait = now - strtoll(asked + 6, NULL, 10);
    counts.waits[wait < 0 ? 0 : wait > LONGEST_WAIT ? LONGEST_WAIT : wait]++;
    counts.waits_known++;
}

/// The wait that this share of the calls does not exceed.
static int64_t wait_of(double share) {
    int64_t place = 0, most = (int64_t)(share * (double)counts.waits_known);
    for (int64_t passed = counts.waits[0]; passed < most; passed += counts.waits[place]) place++;
    return place;
}

void count_project(bool is_new, int in_window) {
    counts.projects += is_new;
    if (in_window > counts.most_in_window) counts.most_in_window = in_window;
}

void count_end(enum outcome outcome, bool is_duplicate, int64_t now) {
    counts.ends[outcome]++;
    counts.duplicates += is_duplicate;
    counts.last = now;
    if (outcome != ANSWERED && outcome != SAFETY && outcome != NO_IMAGE) return;
    size_t second = (size_t)((now - counts.first) / 1000);
    if (second >= counts.seconds) {
        counts.answers = must(realloc(counts.answers, (second + 60) * sizeof *counts.answers));
        for (size_t i = counts.seconds; i < second + 60; i++) counts.answers[i] = 0;
        counts.seconds = second + 60;
    }
    counts.answers[second]++;
}

void count_abandoned(bool is_duplicate) {
    counts.abandoned++;
    counts.duplicates += is_duplicate;
}

void count_parked(int change) {
    counts.parked += change;
    if (counts.parked > counts.most_parked) counts.most_parked = counts.parked;
}

void count_connection(int change) {
    counts.connections += change;
    if (counts.connections > counts.most_connections) counts.most_connections = counts.connections;
}

char *summary(int64_t now) {
    char *text;
    size_t length;
    FILE *file = must(open_memstream(&text, &length));
    const int64_t *ends = counts.ends;
    fprintf(file,
        "{\"calls\":%ld,\"answered\":%ld,\"safety\":%ld,\"no_image\":%ld,\"unavailable\":%ld,\"reset\":%ld,"
        "\"refused_rpm\":%ld,\"refused_tpm\":%ld,\"refused_rpd\":%ld,\"refused_ipm\":%ld,\"not_found\":%ld,\"unreadable\":%ld,"
        "\"billed_twice\":%ld,\"abandoned\":%ld,\"in_flight\":%ld,\"most_in_flight\":%ld,\"connections\":%ld,\"most_connections\":%ld,"
        "\"projects\":%ld,\"rpm\":%d,\"most_in_a_minute\":%ld,\"elapsed_s\":%.3f,"
        "\"waits\":%ld,\"wait_p50_ms\":%ld,\"wait_p95_ms\":%ld,\"wait_p99_ms\":%ld,\"wait_most_ms\":%ld,\"answers_by_second\":[",
        counts.calls, ends[ANSWERED], ends[SAFETY], ends[NO_IMAGE], ends[UNAVAILABLE], ends[RESET],
        ends[RPM_REACHED], ends[TPM_REACHED], ends[RPD_REACHED], ends[IPM_REACHED], ends[NOT_FOUND], ends[UNREADABLE],
        counts.duplicates, counts.abandoned, counts.parked, counts.most_parked, counts.connections, counts.most_connections,
        counts.projects, options.rpm, counts.most_in_window,
        counts.calls ? (double)(now - counts.first) / 1000 : 0,
        counts.waits_known, wait_of(0.5), wait_of(0.95), wait_of(0.99), wait_of(1));
    size_t last = counts.calls ? (size_t)((counts.last - counts.first) / 1000) : 0;
    for (size_t i = 0; i <= last && i < counts.seconds; i++) fprintf(file, "%s%ld", i ? "," : "", counts.answers[i]);
    fprintf(file, "]}\n");
    fclose(file);
    return text;
}
