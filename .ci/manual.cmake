# The manual and the scripts of completion, where man and the shells look. `make docs` makes them, .ci/docs says how.
install(DIRECTORY docs/man/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 FILES_MATCHING PATTERN "*.1")
install(DIRECTORY docs/man/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man5 FILES_MATCHING PATTERN "*.5")
install(FILES docs/completions/bash/dbfixture DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES docs/completions/zsh/_dbfixture DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
install(FILES docs/completions/fish/dbfixture.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
