// Answers and errors as Gemini writes them (generateContent, 2026-11).
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "simulator.h"

/// Words that stand for a translation, by the name of the language in the prompt; the first is for all others.
static const char *words[][3] = {
    {"Spanish", "palabra", "nueva"},    {"Vietnamese", "từ", "mới"}, {"English", "word", "new"},
    {"Japanese", "言葉", "新しい"},     {"Korean", "단어", "새로운"}, {"Chinese", "词语", "新的"},
    {"French", "mot", "nouveau"},       {"German", "Wort", "neu"},   {"Portuguese", "palavra", "nova"},
    {"Russian", "слово", "новое"},      {"Thai", "คำ", "ใหม่"},      {"Indonesian", "kata", "baru"},
};

static const char **words_of(const char *prompt) {
    const char *into = strstr(prompt, " into ");
    for (size_t i = 0; into && i < sizeof words / sizeof *words; i++) {
        if (strncmp(into + 6, words[i][0], strlen(words[i][0])) == 0) return words[i];
    }
    return words[0];
}

/// The end of a text within a JSON text within a JSON text.
static const char *end_of(const char *text) {
    while (*text && !(text[0] == '\\' && text[1] == '"')) {
        if (text[0] != '\\' || text[1] != '\\') {
            text++;
            continue;
        }
        text += 2;
        for (int i = *text == '\\' ? 2 : 1; i > 0 && *text; i--) text++;
    }
    return text;
}

/// Word for word; numbers and addresses stay. Each pair of words has an ending of its own: what repeats itself is no
/// translation, and would be asked for again.
static void translate(FILE *file, const char *text, const char *end, const char **language) {
    bool is_first = true;
    for (int number = 0; text < end; number++) {
        const char *word = text;
        bool stays = false;
        while (text < end && *text != ' ' && strncmp(text, "\\\\n", 3) != 0) {
            stays = stays || isdigit((unsigned char)*text) || *text == '@' || strncmp(text, "://", 3) == 0;
            text++;
        }
        if (text > word) {
            if (!is_first) fputc(' ', file);
            is_first = false;
            if (stays) fwrite(word, 1, (size_t)(text - word), file);
            else fprintf(file, number < 2 ? "%s" : "%s%c", language[1 + number % 2], 'a' + number / 2 % 26);
        }
        if (text < end) text += *text == ' ' ? 1 : 3;
    }
}

/// The blocks that the prompt numbers, as an answer of the text route.
static void write_blocks(FILE *file, const char *prompt) {
    const char **language = words_of(prompt);
    const char *text = strstr(prompt, "Texts:\\n");
    fputs("{\\\"source_language\\\":\\\"en\\\",\\\"blocks\\\":[", file);
    for (int count = 0; text && (text = strstr(text, "\\\"id\\\":")); count++) {
        long id = strtol(text + 7, NULL, 10);
        if (!(text = strstr(text, "\\\"text\\\":\\\""))) break;
        const char *start = text + 11, *end = end_of(start);
        fprintf(file, "%s{\\\"id\\\":%ld,\\\"translation\\\":\\\"", count ? "," : "", id);
        translate(file, start, end, language);
        fputs("\\\"}", file);
        text = end;
    }
    fputs("]}", file);
}

bool asks_for_picture(const char *body) { return strstr(body, "\"responseModalities\":[\"TEXT\",\"IMAGE\"]"); }

const char *picture_in(const char *body, size_t *length, const char **type, size_t *type_length) {
    static const char begin[] = "\"inlineData\":{\"mimeType\":\"", middle[] = "\",\"data\":\"";
    const char *start = strstr(body, begin);
    if (!start) return NULL;
    *type = start + sizeof begin - 1;
    if (!(start = strstr(*type, middle))) return NULL;
    *type_length = (size_t)(start - *type);
    start += sizeof middle - 1;
    *length = strcspn(start, "\"");
    return start;
}

/// The picture comes back as it was sent, as from a model that changes nothing.
static void write_picture(FILE *file, const struct call *call, long prompt) {
    size_t length = 0, type_length = 0;
    const char *type, *picture = picture_in(call->body, &length, &type, &type_length);
    fputs("{\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{\"text\":\"Here it is.\"}", file);
    if (picture) {
        fprintf(file, ",{\"inlineData\":{\"mimeType\":\"%.*s\",\"data\":\"", (int)type_length, type);
        fwrite(picture, 1, length, file);
        fputs("\"}}", file);
    }
    fprintf(file,
        "]},\"finishReason\":\"STOP\",\"index\":0}],\"usageMetadata\":{\"promptTokenCount\":%ld,"
        "\"candidatesTokenCount\":1120,\"totalTokenCount\":%ld,\"candidatesTokensDetails\":[{\"modality\":\"IMAGE\","
        "\"tokenCount\":1120}]},\"modelVersion\":\"simulated\",\"responseId\":\"%016lx\"}",
        prompt, prompt + 1120, call->digest);
}

static void write_candidate(FILE *file, const struct call *call) {
    long prompt = (long)call->length / 4 + 1;
    if (call->outcome == SAFETY || call->outcome == NO_IMAGE) {
        fprintf(file,
            "{\"candidates\":[{\"finishReason\":\"%s\",\"index\":0}],\"usageMetadata\":{\"promptTokenCount\":%ld,"
            "\"totalTokenCount\":%ld},\"modelVersion\":\"simulated\",\"responseId\":\"%016lx\"}",
            call->outcome == SAFETY ? "SAFETY" : "NO_IMAGE", prompt, prompt, call->digest);
        return;
    }
    if (call->body && asks_for_picture(call->body)) {
        write_picture(file, call, prompt);
        return;
    }
    fputs("{\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{\"text\":\"", file);
    long before = ftell(file);
    write_blocks(file, call->body ? call->body : "");
    long output = (ftell(file) - before) / 4 + 1;
    fprintf(file,
        "\"}]},\"finishReason\":\"STOP\",\"index\":0}],\"usageMetadata\":{\"promptTokenCount\":%ld,"
        "\"candidatesTokenCount\":%ld,\"totalTokenCount\":%ld,\"promptTokensDetails\":[{\"modality\":\"TEXT\","
        "\"tokenCount\":%ld}]},\"modelVersion\":\"simulated\",\"responseId\":\"%016lx\"}",
        prompt, output, prompt + output, prompt, call->digest);
}

static void write_error(FILE *file, int status, const char *name, const char *message) {
    fprintf(file, "{\"error\":{\"code\":%d,\"message\":\"%s\",\"status\":\"%s\"}}", status, message, name);
}

static void write_quota(FILE *file, const struct call *call) {
    const char *metric = call->outcome == TPM_REACHED ? "generate_content_free_tier_input_token_count"
                                                      : "generate_content_free_tier_requests";
    const char *id = call->outcome == RPM_REACHED   ? "GenerateRequestsPerMinutePerProjectPerModel-FreeTier"
                     : call->outcome == TPM_REACHED ? "GenerateContentInputTokensPerModelPerMinute-FreeTier"
                     : call->outcome == IPM_REACHED ? "GenerateImagesPerMinutePerProjectPerModel-FreeTier"
                                                    : "GenerateRequestsPerDayPerProjectPerModel-FreeTier";
    int value = call->outcome == RPM_REACHED   ? options.rpm
                : call->outcome == TPM_REACHED ? options.tpm
                : call->outcome == IPM_REACHED ? options.ipm
                                               : options.rpd;
    double seconds = (double)call->retry_ms / 1000;
    fprintf(file,
        "{\"error\":{\"code\":429,\"message\":\"You exceeded your current quota, please check your plan and billing "
        "details. Please retry in %.9fs.\",\"status\":\"RESOURCE_EXHAUSTED\",\"details\":[{\"@type\":"
        "\"type.googleapis.com/google.rpc.QuotaFailure\",\"violations\":[{\"quotaMetric\":"
        "\"generativelanguage.googleapis.com/%s\",\"quotaId\":\"%s\",\"quotaDimensions\":{\"location\":\"global\","
        "\"model\":\"simulated\"},\"quotaValue\":\"%d\"}]},{\"@type\":\"type.googleapis.com/google.rpc.Help\",\"links\":"
        "[{\"description\":\"Learn more about Gemini API quotas\",\"url\":"
        "\"https://ai.google.dev/gemini-api/docs/rate-limits\"}]},{\"@type\":"
        "\"type.googleapis.com/google.rpc.RetryInfo\",\"retryDelay\":\"%.9fs\"}]}}",
        seconds, metric, id, value, seconds);
}

char *body_of(const struct call *call, int *status, size_t *length) {
    char *text;
    FILE *file = must(open_memstream(&text, length));
    *status = 200;
    switch (call->outcome) {
    case ANSWERED:
    case SAFETY:
    case NO_IMAGE:
    case RESET:
        write_candidate(file, call);
        break;
    case UNAVAILABLE:
        *status = 503;
        write_error(file, 503, "UNAVAILABLE", "The model is overloaded. Please try again later.");
        break;
    case RPM_REACHED:
    case TPM_REACHED:
    case RPD_REACHED:
    case IPM_REACHED:
        *status = 429;
        write_quota(file, call);
        break;
    case NOT_FOUND:
        *status = 404;
        write_error(file, 404, "NOT_FOUND", "The model is not found for API version v1beta.");
        break;
    case UNREADABLE:
        *status = 400;
        write_error(file, 400, "INVALID_ARGUMENT", "Invalid JSON payload received, or no key.");
        break;
    }
    fclose(file);
    return text;
}
