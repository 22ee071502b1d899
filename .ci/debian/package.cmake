# CPack: the packages dbfixture and libdbfixture-dev. .ci/dist calls it.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME dbfixture)
set(CPACK_PACKAGE_VENDOR dbfixture)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL program development)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_SOURCE_DIR}/.ci/debian/before-build.cmake)
set(CPACK_DBFIXTURE_SOURCE ${CMAKE_SOURCE_DIR})

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER "the dbfixture authors <dbfixture@example.org>")
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

# The clients of servers, and what reads XML, are opened when they are needed: no tool finds them by itself.
set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME dbfixture)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SECTION database)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SHLIBDEPS ON)
string(REGEX MATCH "^[0-9]+" tinyxml2_major "${tinyxml2_VERSION}")
set(CPACK_DEBIAN_PROGRAM_PACKAGE_DEPENDS "libtinyxml2-${tinyxml2_major}")
set(CPACK_DEBIAN_PROGRAM_PACKAGE_RECOMMENDS libpq5)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SUGGESTS libmariadb3)
set(CPACK_COMPONENT_PROGRAM_DESCRIPTION "database fixtures and saved states, for tests in any language
Dumps database tables to readable files and loads them back exactly as they
were, in one transaction; empties databases; saves their whole state and puts
it back between tests. The database's own schema is the model: it works for
every project, whatever its language and framework, and reads and writes the
fixtures of Django without Python.")

set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libdbfixture-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS
  "libsqlite3-dev, libsqlitecpp-dev, libyaml-cpp-dev, zlib1g-dev, libbz2-dev, liblzma-dev, libzstd-dev, libtinyxml2-${tinyxml2_major}")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_RECOMMENDS libpq5)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SUGGESTS libmariadb3)
set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION "database fixtures in a C++ program's own tests
The library of dbfixture: loads fixtures into a database handle of the
caller's own, in memory too, or into any database by its URL; dumps, empties,
saves and restores. For find_package(dbfixture) and pkg-config.")
include(CPack)
