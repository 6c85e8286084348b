#include <sqlite3.h>

// sqlite3_config() is variadic, so Swift cannot see it. Call it before the first connection.
// Every member of a group commit has a savepoint: its journal is kept in small pieces of memory and not in one of
// 64 KiB, which malloc would take from the system and give back each time. Nobody reads SQLite's count of its memory,
// which costs a mutex for each allocation.
static inline int csqlite_configure(void) {
  int code = sqlite3_config(SQLITE_CONFIG_STMTJRNL_SPILL, -1);
  return code ? code : sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

// sqlite3_db_config() is variadic, so Swift cannot see it. Double-quoted strings are off in statements and schema: a
// misspelt column name is then an error and not a text.
static inline int csqlite_forbid_double_quoted_strings(sqlite3 *db) {
  int code = sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, (void *)0);
  return code ? code : sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, (void *)0);
}

// SQLITE_TRANSIENT is a cast of -1, which Swift cannot see.
static inline int csqlite_bind_text(sqlite3_stmt *statement, int index, const char *text, int bytes) {
  return sqlite3_bind_text(statement, index, text, bytes, SQLITE_TRANSIENT);
}

static inline int csqlite_bind_blob(sqlite3_stmt *statement, int index, const void *bytes, int count) {
  // A null pointer would bind NULL, an empty array must stay an empty blob.
  if (count == 0) return sqlite3_bind_zeroblob(statement, index, 0);
  return sqlite3_bind_blob(statement, index, bytes, count, SQLITE_TRANSIENT);
}
