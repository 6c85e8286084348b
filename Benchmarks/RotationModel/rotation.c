// A model of the original's rule for choosing keys, in events of simulated time: not its code. Beside it stands the rule
// of this project, which takes a request of a project's minute before it sends.
//
//   rotation RULE PROJECTS RPM OFFERED WORKERS SECONDS
//
// RULE is `original` or `reserve`; OFFERED are pictures a minute. Latencies are U(30, 60) s, as the simulated Gemini's,
// which refuses what exceeds RPM in any minute. Prints one line of JSON, with the seconds that calls waited in the queue.
//
// The original: of the keys that are not resting, the three with the best score, one of them at random; usage is counted
// after a success; a key at its limit rests 60 s; a refusal lets it rest 600 s × 3^(n−1), at most 7,200 s, where n counts
// the refusals of the last 300 s; three attempts, 2 s and 4 s apart; no key at once is a failure.
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct key {
    double *arrivals;  // at the provider, a ring
    int oldest, inside;
    double minute_ends, resting_until, failures_end;
    int minute, failures;
    double successes, errors;
};

struct event {
    double at;
    enum { ARRIVES, TRIES, ENDS } kind;
    int key, attempt;
};

static struct key *keys;
static int key_count, rpm;
static struct event *events;
static size_t event_count, event_room;
static uint64_t seed = 1;

static double chance(void) {
    seed = seed * 6364136223846793005 + 1442695040888963407;
    return (double)(seed >> 11) / (double)(1ULL << 53);
}

static void post(struct event event) {
    if (event_count == event_room) events = realloc(events, (event_room = event_room ? event_room * 2 : 4096) * sizeof *events);
    size_t place = event_count++;
    for (; place && events[(place - 1) / 2].at > event.at; place = (place - 1) / 2) events[place] = events[(place - 1) / 2];
    events[place] = event;
}

static struct event take(void) {
    struct event next = events[0], last = events[--event_count];
    size_t place = 0;
    for (size_t child = 1; child < event_count; child = 2 * place + 1) {
        if (child + 1 < event_count && events[child + 1].at < events[child].at) child++;
        if (events[child].at >= last.at) break;
        events[place] = events[child];
        place = child;
    }
    events[place] = last;
    return next;
}

static void forget(struct key *key, double now) {
    for (; key->inside && key->arrivals[key->oldest] <= now - 60; key->inside--) key->oldest = (key->oldest + 1) % rpm;
}

/// Whether the provider takes the call.
static bool arrive(struct key *key, double now) {
    forget(key, now);
    if (key->inside == rpm) return false;
    key->arrivals[(key->oldest + key->inside++) % rpm] = now;
    return true;
}

static double score(struct key *key, double now) {
    if (now >= key->minute_ends) key->minute = 0;
    double free = 1 - (double)key->minute / rpm, total = key->successes + key->errors;
    double rate = total ? key->successes / total : 1;
    double sum = 0.6 * (0.4 * free + 0.2 + 0.4) + 0.4 * (0.7 * rate - 0.3 * key->errors / (total + 10));
    return sum < 0 ? 0 : sum > 1 ? 1 : sum;
}

static int choose_original(double now) {
    int best[3], count = 0;
    double scores[3];
    for (int i = 0; i < key_count; i++) {
        if (keys[i].resting_until > now) continue;
        double one = score(&keys[i], now);
        int place = count < 3 ? count++ : 2;
        if (place == 2 && count == 3 && i > 2 && one <= scores[2]) continue;
        for (; place && scores[place - 1] < one; place--) scores[place] = scores[place - 1], best[place] = best[place - 1];
        scores[place] = one;
        best[place] = i;
    }
    if (!count) return -1;
    double weights[3], sum = 0;
    for (int i = 0; i < count; i++) sum += weights[i] = scores[i] + 0.1 + 0.2 * chance();
    double luck = chance() * sum;
    for (int i = 0; i < count - 1; i++) if ((luck -= weights[i]) < 0) return best[i];
    return best[count - 1];
}

static int choose_reserved(double now) {
    static int turn;
    for (int i = 0; i < key_count; i++, turn = (turn + 1) % key_count) {
        forget(&keys[turn], now);
        if (keys[turn].inside < rpm) return turn;
    }
    return -1;
}

static void refuse(struct key *key, double now) {
    if (now >= key->failures_end) key->failures = 0;
    key->failures++;
    key->failures_end = now + 300;
    key->errors++;
    key->resting_until = now + fmin(7200, 600 * pow(3, key->failures - 1));
}

static void succeed(struct key *key, double now) {
    if (now >= key->minute_ends) key->minute = 0;
    if (!key->minute++) key->minute_ends = now + 60;
    key->successes++;
    if (key->minute >= rpm && key->resting_until < now + 60) key->resting_until = now + 60;
}

static int by_length(const void *one, const void *other) {
    double left = *(const double *)one, right = *(const double *)other;
    return (left > right) - (left < right);
}

int main(int count, char **words) {
    if (count != 7) return fputs("usage: rotation RULE PROJECTS RPM OFFERED WORKERS SECONDS\n", stderr), 64;
    bool is_original = strcmp(words[1], "original") == 0;
    key_count = atoi(words[2]);
    rpm = atoi(words[3]);
    double gap = 60 / atof(words[4]), end = atof(words[6]);
    long workers = atol(words[5]), busy = 0, queued = 0, most_busy = 0;
    long answered = 0, refused = 0, failed = 0, calls = 0, begun = 0;
    double *waits = malloc((size_t)(end / gap + 2) * sizeof *waits);
    keys = calloc((size_t)key_count, sizeof *keys);
    for (int i = 0; i < key_count; i++) keys[i].arrivals = calloc((size_t)rpm, sizeof(double));
    post((struct event){.kind = ARRIVES});
    while (event_count && events[0].at < end) {
        struct event event = take();
        double now = event.at;
        if (event.kind == ARRIVES) {
            post((struct event){.at = now + gap, .kind = ARRIVES});
            queued++;
        } else if (event.kind == ENDS) {
            if (is_original) succeed(&keys[event.key], now);
            answered++;
            busy--;
        }
        while (event.kind == TRIES || (queued && busy < workers)) {
            int attempt = event.kind == TRIES ? event.attempt : 1;
            if (event.kind != TRIES) queued--, busy++;
            if (busy > most_busy) most_busy = busy;
            int key = is_original ? choose_original(now) : choose_reserved(now);
            if (key < 0 && !is_original) {
                // Nobody has room: it waits in the queue, and holds no worker.
                queued++, busy--;
                break;
            }
            // Pictures come evenly and leave the queue in their order.
            if (event.kind != TRIES) waits[begun] = fmax(0, now - (double)begun * gap), begun++;
            if (key >= 0) calls++;
            if (key < 0) {
                failed++, busy--;
            } else if (arrive(&keys[key], now)) {
                post((struct event){.at = now + 30 + 30 * chance(), .kind = ENDS, .key = key});
            } else {
                refused++;
                refuse(&keys[key], now);
                if (attempt == 3) failed++, busy--;
                else post((struct event){.at = now + 2 * attempt, .kind = TRIES, .attempt = attempt + 1});
            }
            if (event.kind == TRIES) event.kind = ARRIVES;
        }
    }
    qsort(waits, (size_t)begun, sizeof *waits, by_length);
    printf("{\"answered_per_minute\":%.0f,\"calls\":%ld,\"refused\":%ld,\"failed\":%ld,\"most_in_flight\":%ld,\"queued\":%ld,"
           "\"wait_p50_s\":%.3f,\"wait_p95_s\":%.3f,\"wait_p99_s\":%.3f}\n",
           (double)answered / end * 60, calls, refused, failed, most_busy, queued, waits[begun / 2], waits[begun * 95 / 100],
           waits[begun * 99 / 100]);
}
