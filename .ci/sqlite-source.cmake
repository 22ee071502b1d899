# SQLite from sqlite3.c in DBFIXTURE_SQLITE_SOURCE, as the target that find_package(SQLite3) would make, with what Debian's
# build has switched on. The program then follows that folder, and no security update of the system's.
foreach(name sqlite3.c sqlite3.h)
  if(NOT EXISTS ${DBFIXTURE_SQLITE_SOURCE}/${name})
    message(FATAL_ERROR "DBFIXTURE_SQLITE_SOURCE: there is no ${name} in ${DBFIXTURE_SQLITE_SOURCE}")
  endif()
endforeach()
enable_language(C)
add_library(dbfixture_sqlite STATIC ${DBFIXTURE_SQLITE_SOURCE}/sqlite3.c)
target_include_directories(dbfixture_sqlite SYSTEM INTERFACE ${DBFIXTURE_SQLITE_SOURCE})
target_compile_definitions(dbfixture_sqlite PRIVATE
  HAVE_FDATASYNC=1 HAVE_GMTIME_R=1 HAVE_ISNAN=1 HAVE_LOCALTIME_R=1 HAVE_PREAD=1 HAVE_PWRITE=1 HAVE_USLEEP=1
  SQLITE_THREADSAFE=1 SQLITE_SECURE_DELETE SQLITE_SOUNDEX SQLITE_MAX_VARIABLE_NUMBER=250000 SQLITE_MAX_SCHEMA_RETRY=25
  SQLITE_ENABLE_COLUMN_METADATA SQLITE_ENABLE_DBSTAT_VTAB SQLITE_ENABLE_FTS3 SQLITE_ENABLE_FTS3_PARENTHESIS
  SQLITE_ENABLE_FTS3_TOKENIZER SQLITE_ENABLE_FTS4 SQLITE_ENABLE_FTS5 SQLITE_ENABLE_LOAD_EXTENSION SQLITE_ENABLE_MATH_FUNCTIONS
  SQLITE_ENABLE_PREUPDATE_HOOK SQLITE_ENABLE_RTREE SQLITE_ENABLE_SESSION SQLITE_ENABLE_STMTVTAB
  SQLITE_ENABLE_UNLOCK_NOTIFY SQLITE_LIKE_DOESNT_MATCH_BLOBS SQLITE_USE_URI=1)
target_compile_options(dbfixture_sqlite PRIVATE -w -ffunction-sections -fdata-sections)
target_link_libraries(dbfixture_sqlite PRIVATE ${CMAKE_DL_LIBS} m)
add_library(SQLite::SQLite3 ALIAS dbfixture_sqlite)
set_source_files_properties(src/db/sqlite/versions.cpp PROPERTIES COMPILE_DEFINITIONS DBFIXTURE_SQLITE_BUILT_IN)
# FindSQLite3 asks for these, and then finds the target made.
set(SQLite3_INCLUDE_DIR ${DBFIXTURE_SQLITE_SOURCE} CACHE PATH "" FORCE)
set(SQLite3_LIBRARY dbfixture_sqlite CACHE STRING "" FORCE)
