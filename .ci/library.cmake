# Installs the library for other programs: the archive, its header, find_package(dbfixture) and pkg-config. It never
# holds an SQLite of its own, whatever DBFIXTURE_SQLITE_SOURCE says: that is the caller's to choose.
include(CMakePackageConfigHelpers)
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/dbfixture)
configure_package_config_file(src/dbfixture/dbfixture-config.cmake.in dbfixture-config.cmake
  INSTALL_DESTINATION ${package_folder} PATH_VARS CMAKE_INSTALL_LIBDIR CMAKE_INSTALL_INCLUDEDIR)
write_basic_package_version_file(dbfixture-config-version.cmake COMPATIBILITY SameMinorVersion)
# Whatever prefix is chosen when it is installed.
file(RELATIVE_PATH to_prefix ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
configure_file(src/dbfixture/dbfixture.pc.in dbfixture.pc @ONLY)

install(TARGETS dbfixture_core ARCHIVE COMPONENT development)
install(FILES src/dbfixture/dbfixture.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/dbfixture COMPONENT development)
install(FILES ${CMAKE_BINARY_DIR}/dbfixture-config.cmake ${CMAKE_BINARY_DIR}/dbfixture-config-version.cmake
  DESTINATION ${package_folder} COMPONENT development)
install(FILES ${CMAKE_BINARY_DIR}/dbfixture.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)
