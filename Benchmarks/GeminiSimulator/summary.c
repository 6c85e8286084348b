// What happened, in figures.
#include <stdio.h>
#include <stdlib.h>

#include "simulator.h"

static struct {
    int64_t calls, ends[OUTCOMES], duplicates, abandoned;
    int64_t parked, most_parked;
    int64_t connections, most_connections;
    int64_t projects, most_in_window;
    int64_t first, last;
    int64_t *answers;  // by second from the first call
    size_t seconds;
} counts;

void count_arrival(int64_t now) {
    if (!counts.calls) counts.first = now;
    counts.calls++;
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
        "\"refused_rpm\":%ld,\"refused_tpm\":%ld,\"refused_rpd\":%ld,\"not_found\":%ld,\"unreadable\":%ld,"
        "\"billed_twice\":%ld,\"abandoned\":%ld,\"in_flight\":%ld,\"most_in_flight\":%ld,\"connections\":%ld,\"most_connections\":%ld,"
        "\"projects\":%ld,\"rpm\":%d,\"most_in_a_minute\":%ld,\"elapsed_s\":%.3f,\"answers_by_second\":[",
        counts.calls, ends[ANSWERED], ends[SAFETY], ends[NO_IMAGE], ends[UNAVAILABLE], ends[RESET],
        ends[RPM_REACHED], ends[TPM_REACHED], ends[RPD_REACHED], ends[NOT_FOUND], ends[UNREADABLE],
        counts.duplicates, counts.abandoned, counts.parked, counts.most_parked, counts.connections, counts.most_connections,
        counts.projects, options.rpm, counts.most_in_window,
        counts.calls ? (double)(now - counts.first) / 1000 : 0);
    size_t last = counts.calls ? (size_t)((counts.last - counts.first) / 1000) : 0;
    for (size_t i = 0; i <= last && i < counts.seconds; i++) fprintf(file, "%s%ld", i ? "," : "", counts.answers[i]);
    fprintf(file, "]}\n");
    fclose(file);
    return text;
}
