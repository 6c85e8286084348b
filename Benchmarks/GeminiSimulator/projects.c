// Quotas of projects: calls in any minute, tokens in a bucket, calls of a day that ends at a virtual Pacific midnight.
#include <stdlib.h>
#include <string.h>

#include "simulator.h"

/// What was let in during the last minute.
struct window {
    int64_t *arrivals;  // a ring as long as the limit
    int oldest, inside;
};

struct project {
    char *name;
    struct window calls, pictures;
    double tokens;  // that may be taken
    int64_t filled;  // when the bucket was last filled
    int64_t day;
    int today;
};

static struct project **projects;
static size_t project_count, project_room;
static uint64_t *billed;
static size_t billed_count, billed_room;

static uint64_t hash(const char *bytes, size_t length) {
    uint64_t sum = 0xcbf29ce484222325;
    for (size_t i = 0; i < length; i++) sum = (sum ^ (uint8_t)bytes[i]) * 0x100000001b3;
    return sum;
}

static void grow_projects(void) {
    size_t room = project_room ? project_room * 2 : 4096;
    struct project **larger = must(calloc(room, sizeof *larger));
    for (size_t i = 0; i < project_room; i++) {
        if (!projects[i]) continue;
        size_t place = hash(projects[i]->name, strlen(projects[i]->name)) & (room - 1);
        while (larger[place]) place = (place + 1) & (room - 1);
        larger[place] = projects[i];
    }
    free(projects);
    projects = larger;
    project_room = room;
}

static struct project *find(const char *key, int64_t now) {
    if (project_count * 2 >= project_room) grow_projects();
    size_t length = strcspn(key, ".");
    size_t place = hash(key, length) & (project_room - 1);
    for (; projects[place]; place = (place + 1) & (project_room - 1)) {
        struct project *project = projects[place];
        if (strlen(project->name) == length && memcmp(project->name, key, length) == 0) return project;
    }
    struct project *project = must(calloc(1, sizeof *project));
    project->name = must(strndup(key, length));
    project->calls.arrivals = must(calloc((size_t)options.rpm + 1, sizeof(int64_t)));
    project->pictures.arrivals = must(calloc((size_t)options.ipm + 1, sizeof(int64_t)));
    project->tokens = options.tpm;
    project->filled = now;
    project->day = -1;
    projects[place] = project;
    project_count++;
    count_project(true, 0);
    return project;
}

/// Which day it is: a new one begins at the virtual midnight.
static int64_t day_of(int64_t now) {
    int64_t length = options.minute * 1440;
    return (now - options.day_ends + length) / length;
}

static struct verdict refused(enum outcome outcome, int64_t retry_ms) {
    return (struct verdict){outcome, retry_ms > 0 ? retry_ms : 1};
}

/// How long until one more is let in; 0 for now.
static int64_t wait_of(struct window *window, int limit, int64_t now) {
    while (window->inside && window->arrivals[window->oldest] <= now - options.minute) {
        window->oldest = (window->oldest + 1) % limit;
        window->inside--;
    }
    return limit && window->inside >= limit ? window->arrivals[window->oldest] + options.minute - now : 0;
}

static void let_in(struct window *window, int limit, int64_t now) {
    if (!limit) return;
    window->arrivals[(window->oldest + window->inside) % limit] = now;
    window->inside++;
}

struct verdict admit(const char *key, int64_t tokens, bool draws, int64_t now) {
    struct project *project = find(key, now);
    int64_t day = day_of(now);
    if (project->day != day) {
        project->day = day;
        project->today = 0;
    }
    if (options.rpd && project->today >= options.rpd) return refused(RPD_REACHED, 5000);
    int64_t wait = wait_of(&project->calls, options.rpm, now);
    if (wait) {
        count_project(false, project->calls.inside + 1);
        return refused(RPM_REACHED, wait);
    }
    if (draws && (wait = wait_of(&project->pictures, options.ipm, now))) return refused(IPM_REACHED, wait);
    if (options.tpm) {
        project->tokens += (double)(now - project->filled) * options.tpm / (double)options.minute;
        if (project->tokens > options.tpm) project->tokens = options.tpm;
        project->filled = now;
        if (project->tokens < (double)tokens) {
            return refused(TPM_REACHED, (int64_t)(((double)tokens - project->tokens) * (double)options.minute / options.tpm));
        }
        project->tokens -= (double)tokens;
    }
    let_in(&project->calls, options.rpm, now);
    if (draws) let_in(&project->pictures, options.ipm, now);
    project->today++;
    count_project(false, project->calls.inside);
    return (struct verdict){ANSWERED, 0};
}

bool bill(uint64_t digest) {
    if (!digest) digest = 1;
    if (billed_count * 2 >= billed_room) {
        size_t room = billed_room ? billed_room * 2 : 1 << 16;
        uint64_t *larger = must(calloc(room, sizeof *larger));
        for (size_t i = 0; i < billed_room; i++) {
            if (!billed[i]) continue;
            size_t place = billed[i] & (room - 1);
            while (larger[place]) place = (place + 1) & (room - 1);
            larger[place] = billed[i];
        }
        free(billed);
        billed = larger;
        billed_room = room;
    }
    size_t place = digest & (billed_room - 1);
    for (; billed[place]; place = (place + 1) & (billed_room - 1)) {
        if (billed[place] == digest) return true;
    }
    billed[place] = digest;
    billed_count++;
    return false;
}
