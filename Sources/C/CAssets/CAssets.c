// The files of the pages, embedded by the compiler (C23, 6.10.4). A new file of ours needs three lines here.
#include "CAssets.h"

#if !__has_embed("../../../.pictor/assets/swagger-ui.css")
#error "Swagger UI is not here yet: run script/setup (or script/assets) first."
#endif

static const unsigned char api_js[] = {
#embed "../../Web/Assets/api.js"
};
static const unsigned char app_js[] = {
#embed "../../Web/Assets/app.js"
};
static const unsigned char clipboard_js[] = {
#embed "../../Web/Assets/clipboard.js"
};
static const unsigned char dashboard_js[] = {
#embed "../../Web/Assets/dashboard.js"
};
static const unsigned char documentation_js[] = {
#embed "../../Web/Assets/documentation.js"
};
static const unsigned char events_js[] = {
#embed "../../Web/Assets/events.js"
};
static const unsigned char favicon_svg[] = {
#embed "../../Web/Assets/favicon.svg"
};
static const unsigned char format_js[] = {
#embed "../../Web/Assets/format.js"
};
static const unsigned char label_js[] = {
#embed "../../Web/Assets/label.js"
};
static const unsigned char lists_js[] = {
#embed "../../Web/Assets/lists.js"
};
static const unsigned char live_js[] = {
#embed "../../Web/Assets/live.js"
};
static const unsigned char longlist_js[] = {
#embed "../../Web/Assets/longlist.js"
};
static const unsigned char meme_js[] = {
#embed "../../Web/Assets/meme.js"
};
static const unsigned char memes_js[] = {
#embed "../../Web/Assets/memes.js"
};
static const unsigned char memeupload_js[] = {
#embed "../../Web/Assets/memeupload.js"
};
static const unsigned char packs_js[] = {
#embed "../../Web/Assets/packs.js"
};
static const unsigned char packupload_js[] = {
#embed "../../Web/Assets/packupload.js"
};
static const unsigned char picture_js[] = {
#embed "../../Web/Assets/picture.js"
};
static const unsigned char post_js[] = {
#embed "../../Web/Assets/post.js"
};
static const unsigned char pullform_js[] = {
#embed "../../Web/Assets/pullform.js"
};
static const unsigned char retry_js[] = {
#embed "../../Web/Assets/retry.js"
};
static const unsigned char style_css[] = {
#embed "../../Web/Assets/style.css"
};
static const unsigned char theme_js[] = {
#embed "../../Web/Assets/theme.js"
};
static const unsigned char thumbhash_js[] = {
#embed "../../Web/Assets/thumbhash.js"
};
static const unsigned char transfer_js[] = {
#embed "../../Web/Assets/transfer.js"
};
static const unsigned char translate_js[] = {
#embed "../../Web/Assets/translate.js"
};
static const unsigned char upload_js[] = {
#embed "../../Web/Assets/upload.js"
};

static const unsigned char swagger_ui_bundle_js[] = {
#embed "../../../.pictor/assets/swagger-ui-bundle.js"
};
static const unsigned char swagger_ui_bundle_js_gz[] = {
#embed "../../../.pictor/assets/swagger-ui-bundle.js.gz"
};
static const unsigned char swagger_ui_css[] = {
#embed "../../../.pictor/assets/swagger-ui.css"
};
static const unsigned char swagger_ui_css_gz[] = {
#embed "../../../.pictor/assets/swagger-ui.css.gz"
};

static const unsigned char openapi_yaml[] = {
#embed "../../../docs/openapi.yaml"
};

#define OURS(name, array) {name, array, sizeof array, NULL, 0}
#define COMPRESSED(name, array) {name, array, sizeof array, array##_gz, sizeof array##_gz}

static const CAsset files[] = {
    OURS("api.js", api_js),
    OURS("app.js", app_js),
    OURS("clipboard.js", clipboard_js),
    OURS("dashboard.js", dashboard_js),
    OURS("documentation.js", documentation_js),
    OURS("events.js", events_js),
    OURS("favicon.svg", favicon_svg),
    OURS("format.js", format_js),
    OURS("label.js", label_js),
    OURS("lists.js", lists_js),
    OURS("live.js", live_js),
    OURS("longlist.js", longlist_js),
    OURS("meme.js", meme_js),
    OURS("memes.js", memes_js),
    OURS("memeupload.js", memeupload_js),
    OURS("packs.js", packs_js),
    OURS("packupload.js", packupload_js),
    OURS("picture.js", picture_js),
    OURS("post.js", post_js),
    OURS("pullform.js", pullform_js),
    OURS("retry.js", retry_js),
    OURS("style.css", style_css),
    OURS("theme.js", theme_js),
    OURS("thumbhash.js", thumbhash_js),
    OURS("transfer.js", transfer_js),
    OURS("translate.js", translate_js),
    OURS("upload.js", upload_js),
    COMPRESSED("swagger-ui-bundle.js", swagger_ui_bundle_js),
    COMPRESSED("swagger-ui.css", swagger_ui_css),
};

const CAsset *const cassets_files = files;
const size_t cassets_count = sizeof files / sizeof files[0];
const unsigned char *const cassets_openapi = openapi_yaml;
const size_t cassets_openapi_count = sizeof openapi_yaml;
