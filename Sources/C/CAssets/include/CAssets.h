#pragma once
#include <stddef.h>

/// A file embedded in the program.
typedef struct {
  const char *name;
  const unsigned char *bytes;
  size_t count;
  /// The same with gzip, or NULL.
  const unsigned char *gzip;
  size_t gzip_count;
} CAsset;

/// Every file that browsers may fetch.
extern const CAsset *const cassets_files;
extern const size_t cassets_count;

/// The text of docs/openapi.yaml.
extern const unsigned char *const cassets_openapi;
extern const size_t cassets_openapi_count;
