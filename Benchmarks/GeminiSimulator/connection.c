// One connection: HTTP/2 by nghttp2, its streams, and the bytes between it and the socket.
#define _GNU_SOURCE
#include <errno.h>
#include <nghttp2/nghttp2.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "simulator.h"

static const size_t longest_body = 24 << 20;

struct connection {
    int poll, socket;
    SSL *tls;  // null without TLS
    nghttp2_session *session;
    const uint8_t *unsent;  // belongs to the session
    size_t unsent_length;
    bool waits_for_room;
    struct call *calls;  // that are open
};

static SSL_CTX *context;

static int choose_h2(SSL *tls, const unsigned char **chosen, unsigned char *length, const unsigned char *offered,
                     unsigned int offered_length, void *nothing) {
    (void)tls, (void)nothing;
    unsigned char *found;
    static const unsigned char h2[] = "\x02h2";
    if (SSL_select_next_proto(&found, length, h2, 3, offered, offered_length) != OPENSSL_NPN_NEGOTIATED) {
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    }
    *chosen = found;
    return SSL_TLSEXT_ERR_OK;
}

bool use_tls(const char *file) {
    context = must(SSL_CTX_new(TLS_server_method()));
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_alpn_select_cb(context, choose_h2, NULL);
    return SSL_CTX_use_certificate_file(context, file, SSL_FILETYPE_PEM) == 1 &&
           SSL_CTX_use_PrivateKey_file(context, file, SSL_FILETYPE_PEM) == 1;
}

/// Bytes moved; 0 when it is to be tried later, -1 when the connection is over.
static ssize_t moved(struct connection *connection, ssize_t result, bool is_end) {
    if (result > 0) return result;
    if (connection->tls) {
        int error = SSL_get_error(connection->tls, (int)result);
        return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? 0 : -1;
    }
    return result == 0 && is_end ? -1 : errno == EAGAIN || errno == EINTR ? 0 : -1;
}

static ssize_t receive(struct connection *connection, void *bytes, size_t length) {
    // What went wrong with another connection must not be taken for this one's.
    ERR_clear_error();
    ssize_t result = connection->tls ? SSL_read(connection->tls, bytes, (int)length)
                                     : recv(connection->socket, bytes, length, 0);
    return moved(connection, result, true);
}

static ssize_t transmit(struct connection *connection, const void *bytes, size_t length) {
    ERR_clear_error();
    ssize_t result = connection->tls ? SSL_write(connection->tls, bytes, (int)length)
                                     : send(connection->socket, bytes, length, MSG_NOSIGNAL);
    return moved(connection, result, false);
}

static void release(struct call *call) {
    free(call->body);
    free(call->answer);
    free(call);
}

/// The stream is over. What waits for its time is released then.
static void detach(struct call *call) {
    *call->place = call->next;
    if (call->next) call->next->place = call->place;
    if (call->due) count_parked(-1);
    call->connection = NULL;
    if (!call->is_waiting) release(call);
}

static int on_begin(nghttp2_session *session, const nghttp2_frame *frame, void *context) {
    if (frame->hd.type != NGHTTP2_HEADERS || frame->headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
    struct call *call = must(calloc(1, sizeof *call));
    call->connection = context;
    call->stream = frame->hd.stream_id;
    call->place = &call->connection->calls;
    call->next = *call->place;
    if (call->next) call->next->place = &call->next;
    *call->place = call;
    return nghttp2_session_set_stream_user_data(session, call->stream, call);
}

static void copy(char *target, size_t room, const uint8_t *value, size_t length) {
    if (length >= room) length = room - 1;
    memcpy(target, value, length);
    target[length] = 0;
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name, size_t name_length,
                     const uint8_t *value, size_t value_length, uint8_t flags, void *context) {
    (void)flags, (void)context;
    struct call *call = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
    if (!call) return 0;
    if (name_length == 5 && memcmp(name, ":path", 5) == 0) copy(call->path, sizeof call->path, value, value_length);
    if (name_length == 14 && memcmp(name, "x-goog-api-key", 14) == 0) copy(call->key, sizeof call->key, value, value_length);
    return 0;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t stream, const uint8_t *bytes, size_t length,
                   void *context) {
    (void)flags, (void)context;
    struct call *call = nghttp2_session_get_stream_user_data(session, stream);
    if (!call || call->length + length > longest_body) return 0;
    if (call->length + length + 1 > call->capacity) {
        call->capacity = (call->length + length) * 3 / 2 + 1;
        call->body = must(realloc(call->body, call->capacity));
    }
    memcpy(call->body + call->length, bytes, length);
    call->length += length;
    call->body[call->length] = 0;
    return 0;
}

/// Which end the call will have, and when.
static void decide(struct call *call, int64_t now) {
    call->due = now;
    size_t length = strlen(call->path);
    if (length < 16 || strcmp(call->path + length - 16, ":generateContent") != 0) {
        call->outcome = NOT_FOUND;
        return;
    }
    if (!*call->key || !call->length || call->body[0] != '{') {
        call->outcome = UNREADABLE;
        return;
    }
    call->digest = 0xcbf29ce484222325;
    for (size_t i = 0; i < call->length; i++) call->digest = (call->digest ^ (uint8_t)call->body[i]) * 0x100000001b3;
    size_t picture = 0, unused;
    const char *type;
    picture_in(call->body, &picture, &type, &unused);
    // A picture counts as one view, however many bytes it has.
    int64_t tokens = (int64_t)(call->length - picture) / 4 + (picture ? 258 : 1);
    struct verdict verdict = admit(call->key, tokens, asks_for_picture(call->body), now);
    call->outcome = verdict.outcome;
    call->retry_ms = verdict.retry_ms;
    if (verdict.outcome != ANSWERED) return;
    count_wait(call->body, now);
    double luck = chance();
    if ((luck -= options.unavailable) < 0) call->outcome = UNAVAILABLE;
    else if ((luck -= options.safety) < 0) call->outcome = SAFETY;
    else if ((luck -= options.no_image) < 0) call->outcome = NO_IMAGE;
    else if ((luck -= options.reset) < 0) call->outcome = RESET;
    call->due = now + options.shortest + (int64_t)(chance() * (double)(options.longest - options.shortest));
}

static ssize_t read_answer(nghttp2_session *session, int32_t stream, uint8_t *buffer, size_t length, uint32_t *flags,
                           nghttp2_data_source *source, void *context) {
    (void)session, (void)stream, (void)context;
    struct call *call = source->ptr;
    size_t rest = call->answer_length - call->sent;
    if (length > rest) length = rest;
    memcpy(buffer, call->answer + call->sent, length);
    call->sent += length;
    if (call->sent == call->answer_length) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return (ssize_t)length;
}

static void respond(struct call *call, int status) {
    char digits[4] = {(char)('0' + status / 100), (char)('0' + status / 10 % 10), (char)('0' + status % 10), 0};
    nghttp2_nv head[] = {
        {(uint8_t *)":status", (uint8_t *)digits, 7, 3, 0},
        {(uint8_t *)"content-type", (uint8_t *)"application/json; charset=UTF-8", 12, 31, NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE},
    };
    nghttp2_data_provider provider = {{.ptr = call}, read_answer};
    nghttp2_submit_response(call->connection->session, call->stream, head, 2, &provider);
}

void answer(struct call *call) {
    call->is_waiting = false;
    bool is_billed = call->outcome <= NO_IMAGE;
    if (!call->connection) {
        // Who leaves is billed all the same.
        count_abandoned(is_billed && bill(call->digest));
        release(call);
        return;
    }
    struct connection *connection = call->connection;
    count_end(call->outcome, is_billed && bill(call->digest), now_ms());
    if (call->outcome == RESET) {
        nghttp2_submit_rst_stream(connection->session, NGHTTP2_FLAG_NONE, call->stream, NGHTTP2_INTERNAL_ERROR);
    } else {
        int status;
        call->answer = body_of(call, &status, &call->answer_length);
        respond(call, status);
    }
    free(call->body);
    call->body = NULL;
    serve(connection, 0);
}

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *context) {
    (void)context;
    bool may_end = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
    if (!may_end || !(frame->hd.flags & NGHTTP2_FLAG_END_STREAM)) return 0;
    struct call *call = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
    if (!call) return 0;
    int64_t now = now_ms();
    if (strcmp(call->path, "/summary") == 0) {
        call->answer = summary(now);
        call->answer_length = strlen(call->answer);
        respond(call, 200);
        return 0;
    }
    count_arrival(now);
    count_parked(1);
    decide(call, now);
    call->is_waiting = true;
    wait_for(call);
    return 0;
}

static int on_close(nghttp2_session *session, int32_t stream, uint32_t code, void *context) {
    (void)code, (void)context;
    struct call *call = nghttp2_session_get_stream_user_data(session, stream);
    if (!call) return 0;
    nghttp2_session_set_stream_user_data(session, stream, NULL);
    detach(call);
    return 0;
}

void accept_connection(int poll, int listener) {
    int socket = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket < 0) return;
    struct connection *connection = must(calloc(1, sizeof *connection));
    connection->poll = poll;
    connection->socket = socket;
    if (context) {
        connection->tls = must(SSL_new(context));
        SSL_set_fd(connection->tls, socket);
        SSL_set_accept_state(connection->tls);
    }
    nghttp2_session_callbacks *callbacks;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
    nghttp2_session_server_new(&connection->session, callbacks, connection);
    nghttp2_session_callbacks_del(callbacks);
    nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, (uint32_t)options.streams},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 1 << 20},
    };
    nghttp2_submit_settings(connection->session, NGHTTP2_FLAG_NONE, settings, 2);
    nghttp2_session_set_local_window_size(connection->session, NGHTTP2_FLAG_NONE, 0, 16 << 20);
    count_connection(1);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
    epoll_ctl(poll, EPOLL_CTL_ADD, socket, &event);
    serve(connection, 0);
}

static void end(struct connection *connection) {
    while (connection->calls) detach(connection->calls);
    nghttp2_session_del(connection->session);
    SSL_free(connection->tls);
    close(connection->socket);
    count_connection(-1);
    free(connection);
}

/// False when the connection is over.
static bool read_all(struct connection *connection) {
    static uint8_t buffer[256 << 10];
    while (true) {
        ssize_t count = receive(connection, buffer, sizeof buffer);
        if (count <= 0) return count == 0;
        if (nghttp2_session_mem_recv(connection->session, buffer, (size_t)count) < 0) return false;
    }
}

static bool write_all(struct connection *connection) {
    while (true) {
        if (!connection->unsent_length) {
            ssize_t count = nghttp2_session_mem_send(connection->session, &connection->unsent);
            if (count < 0) return false;
            if (count == 0) break;
            connection->unsent_length = (size_t)count;
        }
        ssize_t sent = transmit(connection, connection->unsent, connection->unsent_length);
        if (sent < 0) return false;
        if (sent == 0) break;
        connection->unsent += sent;
        connection->unsent_length -= (size_t)sent;
    }
    bool is_shaking_hands = connection->tls && !SSL_is_init_finished(connection->tls);
    bool waits = connection->unsent_length > 0 && !is_shaking_hands;
    if (waits != connection->waits_for_room) {
        struct epoll_event event = {.events = EPOLLIN | (waits ? EPOLLOUT : 0), .data.ptr = connection};
        epoll_ctl(connection->poll, EPOLL_CTL_MOD, connection->socket, &event);
        connection->waits_for_room = waits;
    }
    return true;
}

void serve(struct connection *connection, uint32_t events) {
    bool lives = true;
    if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) lives = read_all(connection);
    if (lives) lives = write_all(connection);
    bool is_done = !nghttp2_session_want_read(connection->session) && !nghttp2_session_want_write(connection->session);
    if (!lives || is_done) end(connection);
}
