#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#include <stdbool.h>

// AE_IFREG and its like are casts, so Swift cannot see them.
static inline bool carchive_is_file(struct archive_entry *entry) { return archive_entry_filetype(entry) == AE_IFREG; }
static inline bool carchive_is_folder(struct archive_entry *entry) { return archive_entry_filetype(entry) == AE_IFDIR; }
static inline void carchive_set_file(struct archive_entry *entry) { archive_entry_set_filetype(entry, AE_IFREG); }

// libarchive puts names through the locale's character set, and in the C locale it loses those that are not ASCII.
// newlocale() never fails for C.UTF-8, which is a part of glibc; if it did, names would only be lost again.

// The name is NULL when there is none, not in UTF-8 when the archive does not say that it is.
static inline int carchive_next(struct archive *archive, struct archive_entry **entry, const char **name) {
  locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0), before = uselocale(utf8);
  int code = archive_read_next_header(archive, entry);
  *name = NULL;
  if (code == ARCHIVE_OK || code == ARCHIVE_WARN) {
    *name = archive_entry_pathname_utf8(*entry);
    if (!*name) *name = archive_entry_pathname(*entry);
  }
  uselocale(before);
  if (utf8) freelocale(utf8);
  return code;
}

static inline int carchive_begin(struct archive *archive, struct archive_entry *entry, const char *name) {
  locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0), before = uselocale(utf8);
  archive_entry_set_pathname_utf8(entry, name);
  int code = archive_write_header(archive, entry);
  uselocale(before);
  if (utf8) freelocale(utf8);
  return code;
}
