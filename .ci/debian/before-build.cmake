# Runs before CPack packs what it has staged: what Debian wants in /usr/share/doc/PACKAGE, manual pages packed, and zsh's
# completion where Debian's zsh looks: it has site-functions below /usr/local only.
function(pack file)
  execute_process(COMMAND gzip -9nf ${file} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(READ ${CPACK_DBFIXTURE_SOURCE}/CHANGELOG.md changes)
string(REGEX MATCH "\n## ${CPACK_PACKAGE_VERSION} - ([0-9-]+)\n" dated "${changes}")
if(dated)
  set(day ${CMAKE_MATCH_1})
else()
  set(day 1970-01-01)
  message(WARNING "CHANGELOG.md has no dated section \"## ${CPACK_PACKAGE_VERSION} - YEAR-MONTH-DAY\"")
endif()
execute_process(COMMAND date -u -R -d "${day}" OUTPUT_VARIABLE date OUTPUT_STRIP_TRAILING_WHITESPACE
  COMMAND_ERROR_IS_FATAL ANY)

foreach(part program:dbfixture development:libdbfixture-dev)
  string(REGEX REPLACE ":.*" "" component ${part})
  string(REGEX REPLACE ".*:" "" package ${part})
  file(GLOB staged ${CPACK_TEMPORARY_DIRECTORY}/${component} ${CPACK_TEMPORARY_DIRECTORY}/*/${component})
  list(GET staged 0 staged)
  set(documents ${staged}/usr/share/doc/${package})
  file(COPY ${CPACK_DBFIXTURE_SOURCE}/.ci/debian/copyright DESTINATION ${documents})
  file(COPY_FILE ${CPACK_DBFIXTURE_SOURCE}/CHANGELOG.md ${documents}/changelog)
  file(REMOVE ${documents}/CHANGELOG.md)
  file(WRITE ${documents}/changelog.Debian
"dbfixture (${CPACK_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}) unstable; urgency=medium

  * Release ${CPACK_PACKAGE_VERSION}; changelog.gz says what is new.

 -- ${CPACK_DEBIAN_PACKAGE_MAINTAINER}  ${date}
")
  pack(${documents}/changelog)
  pack(${documents}/changelog.Debian)
  if(EXISTS ${CPACK_DBFIXTURE_SOURCE}/.ci/debian/${package}.lintian-overrides)
    file(COPY_FILE ${CPACK_DBFIXTURE_SOURCE}/.ci/debian/${package}.lintian-overrides ${staged}/overrides)
    file(MAKE_DIRECTORY ${staged}/usr/share/lintian/overrides)
    file(RENAME ${staged}/overrides ${staged}/usr/share/lintian/overrides/${package})
  endif()
  if(EXISTS ${staged}/usr/share/zsh/site-functions)
    file(RENAME ${staged}/usr/share/zsh/site-functions ${staged}/usr/share/zsh/vendor-completions)
  endif()
  file(GLOB_RECURSE pages ${staged}/usr/share/man/*)
  foreach(page ${pages})
    if(NOT page MATCHES "[.]gz$")
      pack(${page})
    endif()
  endforeach()
endforeach()
