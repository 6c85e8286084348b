// libcurl's variadic functions, one wrapper per type of argument: Swift cannot call variadic C.
#pragma once

#include <curl/curl.h>

// The parentheses keep libcurl's type-checking macros away: they want the option as a constant.
static inline CURLcode ccurl_set_long(CURL *easy, CURLoption option, long value) {
    return (curl_easy_setopt)(easy, option, value);
}

static inline CURLcode ccurl_set_offset(CURL *easy, CURLoption option, curl_off_t value) {
    return (curl_easy_setopt)(easy, option, value);
}

/// libcurl copies the text.
static inline CURLcode ccurl_set_string(CURL *easy, CURLoption option, const char *value) {
    return (curl_easy_setopt)(easy, option, value);
}

/// libcurl keeps the pointer.
static inline CURLcode ccurl_set_pointer(CURL *easy, CURLoption option, void *value) {
    return (curl_easy_setopt)(easy, option, value);
}

static inline CURLcode ccurl_set_headers(CURL *easy, struct curl_slist *list) {
    return (curl_easy_setopt)(easy, CURLOPT_HTTPHEADER, list);
}

static inline CURLcode ccurl_set_mime(CURL *easy, curl_mime *form) {
    return (curl_easy_setopt)(easy, CURLOPT_MIMEPOST, form);
}

static inline CURLcode ccurl_on_write(CURL *easy, curl_write_callback callback, void *context) {
    (curl_easy_setopt)(easy, CURLOPT_WRITEDATA, context);
    return (curl_easy_setopt)(easy, CURLOPT_WRITEFUNCTION, callback);
}

static inline CURLcode ccurl_on_header(CURL *easy, curl_write_callback callback, void *context) {
    (curl_easy_setopt)(easy, CURLOPT_HEADERDATA, context);
    return (curl_easy_setopt)(easy, CURLOPT_HEADERFUNCTION, callback);
}

static inline CURLcode ccurl_on_read(CURL *easy, curl_read_callback callback, void *context) {
    (curl_easy_setopt)(easy, CURLOPT_READDATA, context);
    return (curl_easy_setopt)(easy, CURLOPT_READFUNCTION, callback);
}

static inline CURLcode ccurl_on_seek(CURL *easy, curl_seek_callback callback, void *context) {
    (curl_easy_setopt)(easy, CURLOPT_SEEKDATA, context);
    return (curl_easy_setopt)(easy, CURLOPT_SEEKFUNCTION, callback);
}

static inline CURLcode ccurl_on_progress(CURL *easy, curl_xferinfo_callback callback, void *context) {
    (curl_easy_setopt)(easy, CURLOPT_XFERINFODATA, context);
    (curl_easy_setopt)(easy, CURLOPT_NOPROGRESS, 0L);
    return (curl_easy_setopt)(easy, CURLOPT_XFERINFOFUNCTION, callback);
}

static inline CURLcode ccurl_on_open_socket(CURL *easy, curl_opensocket_callback callback, void *context) {
    (curl_easy_setopt)(easy, CURLOPT_OPENSOCKETDATA, context);
    return (curl_easy_setopt)(easy, CURLOPT_OPENSOCKETFUNCTION, callback);
}

static inline CURLcode ccurl_on_connection(CURL *easy, curl_prereq_callback callback, void *context) {
    (curl_easy_setopt)(easy, CURLOPT_PREREQDATA, context);
    return (curl_easy_setopt)(easy, CURLOPT_PREREQFUNCTION, callback);
}

static inline CURLcode ccurl_get_long(CURL *easy, CURLINFO info, long *value) {
    return (curl_easy_getinfo)(easy, info, value);
}

/// The text belongs to the handle.
static inline CURLcode ccurl_get_string(CURL *easy, CURLINFO info, const char **value) {
    return (curl_easy_getinfo)(easy, info, value);
}

static inline CURLMcode ccurl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return (curl_multi_setopt)(multi, option, value);
}

static inline CURLMcode ccurl_multi_on_socket(CURLM *multi, curl_socket_callback callback, void *context) {
    (curl_multi_setopt)(multi, CURLMOPT_SOCKETDATA, context);
    return (curl_multi_setopt)(multi, CURLMOPT_SOCKETFUNCTION, callback);
}

static inline CURLMcode ccurl_multi_on_timer(CURLM *multi, curl_multi_timer_callback callback, void *context) {
    (curl_multi_setopt)(multi, CURLMOPT_TIMERDATA, context);
    return (curl_multi_setopt)(multi, CURLMOPT_TIMERFUNCTION, callback);
}

/// The result of a finished transfer, which lies in a union.
static inline CURLcode ccurl_result(const CURLMsg *message) { return message->data.result; }

/// Closes what is below, so that libcurl gives up the address (its macro is a cast, which Swift does not import).
static inline curl_socket_t ccurl_no_socket(void) { return CURL_SOCKET_BAD; }
