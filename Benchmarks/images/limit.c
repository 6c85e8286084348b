// The limit for script/bench images: the least that libvips and libwebp need for the work that every contender does.
// One decode, turned, in sRGB, four sizes each made from the next larger one, encoded by libwebp itself, mean colour.
//
//   limit LARGE_EFFORT SMALL_EFFORT
//
// Reads a path per line; answers with a line: bytes of the four variants and the mean colour. `save FOLDER` before the
// paths also keeps the variants.

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vips/vips.h>
#include <webp/encode.h>

static const int sides[] = {4096, 1200, 600, 150};
static const char *names[] = {"original", "large", "medium", "thumbnail"};
static const char *folder = NULL;

static void check(int failed, const char *stage) {
    if (!failed) return;
    fprintf(stderr, "limit: %s: %s\n", stage, vips_error_buffer());
    exit(1);
}

static void save(const char *name, const WebPMemoryWriter *written) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.webp", folder, name);
    FILE *file = fopen(path, "wb");
    check(!file || fwrite(written->mem, 1, written->size, file) != written->size, path);
    fclose(file);
}

// Takes the image: its pixels are gone before the encoder starts.
static size_t encode(VipsImage *image, int effort, const char *name) {
    WebPConfig config;
    WebPPicture picture;
    WebPMemoryWriter written;
    WebPMemoryWriterInit(&written);
    check(!WebPConfigPreset(&config, WEBP_PRESET_DEFAULT, 85) || !WebPPictureInit(&picture), "webp");
    config.method = effort;
    picture.width = vips_image_get_width(image);
    picture.height = vips_image_get_height(image);
    picture.writer = WebPMemoryWrite;
    picture.custom_ptr = &written;
    const uint8_t *pixels = vips_image_get_data(image);
    int line = VIPS_IMAGE_SIZEOF_LINE(image);
    int imported = vips_image_get_bands(image) == 4 ? WebPPictureImportRGBA(&picture, pixels, line)
                                                    : WebPPictureImportRGB(&picture, pixels, line);
    check(!imported, "import");
    g_object_unref(image);
    check(!WebPEncode(&config, &picture), "encode");
    size_t size = written.size;
    if (folder) save(name, &written);
    WebPMemoryWriterClear(&written);
    WebPPictureFree(&picture);
    return size;
}

static void mean(VipsImage *image, double out[3]) {
    VipsImage *stats;
    check(vips_stats(image, &stats, NULL), "mean");
    for (int band = 0; band < 3; band++) out[band] = *VIPS_MATRIX(stats, 4, band + 1);
    g_object_unref(stats);
}

// Never larger than the source.
static VipsImage *reduced(VipsImage *source, int side) {
    VipsImage *small, *pixels;
    check(vips_thumbnail_image(source, &small, side, "height", side, "size", VIPS_SIZE_DOWN, NULL), "reduce");
    pixels = vips_image_copy_memory(small);
    check(!pixels, "decode");
    g_object_unref(small);
    return pixels;
}

static void work(const char *path, int large_effort, int small_effort) {
    char *bytes;
    gsize length;
    VipsImage *source, *levels[4];
    size_t sizes[4];
    double colour[3];
    if (!g_file_get_contents(path, &bytes, &length, NULL)) check(1, path);
    source = vips_image_new_from_buffer(bytes, length, "", "access", VIPS_ACCESS_SEQUENTIAL, "fail_on",
                                        VIPS_FAIL_ON_TRUNCATED, NULL);
    check(!source, "open");
    levels[0] = reduced(source, sides[0]);
    g_object_unref(source);
    g_free(bytes);
    for (int level = 1; level < 4; level++) levels[level] = reduced(levels[level - 1], sides[level]);
    mean(levels[3], colour);
    for (int level = 3; level >= 0; level--) {
        guint64 pixels = VIPS_IMAGE_N_PELS(levels[level]);
        // Two levels of one size: the small source is not enlarged, and encoded once.
        if (level > 0 && pixels == VIPS_IMAGE_N_PELS(levels[level - 1])) {
            g_object_unref(levels[level]);
            sizes[level] = 0;
            continue;
        }
        sizes[level] = encode(levels[level], pixels > 1500000 ? large_effort : small_effort, names[level]);
    }
    printf("%zu %zu %zu %zu #%02x%02x%02x\n", sizes[3], sizes[2], sizes[1], sizes[0], (int)(colour[0] + 0.5),
           (int)(colour[1] + 0.5), (int)(colour[2] + 0.5));
    fflush(stdout);
    vips_thread_shutdown();
}

int main(int count, char **words) {
    char path[4096];
    if (count != 3) return 64;
    mallopt(M_ARENA_MAX, 2);
    mallopt(M_MMAP_THRESHOLD, 131072);
    mallopt(M_TRIM_THRESHOLD, 131072);
    check(vips_init(words[0]), "start");
    vips_concurrency_set(1);
    vips_cache_set_max(0);
    while (fgets(path, sizeof path, stdin)) {
        path[strcspn(path, "\n")] = 0;
        if (strncmp(path, "save ", 5) == 0) folder = strdup(path + 5);
        else work(path, atoi(words[1]), atoi(words[2]));
    }
    return 0;
}
