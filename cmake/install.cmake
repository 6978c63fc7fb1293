# What `cmake --install` and the packages consist of. Everything is found from where it lies, so the folder may be moved:
# the command looks beside itself, in ../lib and in ../lib/<multiarch> (src/tools/library.cpp), pkg-config's files and CMake's
# reckon from their own place.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# manual(SECTION PAGE COMPONENT): a page, packed where it is for a Debian package.
function(manual section page component)
    set(file ${PROJECT_SOURCE_DIR}/docs/man/${page}.${section})
    if(KRAIT_DEBIAN_DOCUMENTS)
        set(packed ${PROJECT_BINARY_DIR}/${page}.${section}.gz)
        execute_process(COMMAND gzip -9nc ${file} OUTPUT_FILE ${packed} COMMAND_ERROR_IS_FATAL ANY)
        set(file ${packed})
    endif()
    install(FILES ${file} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section} COMPONENT ${component})
endfunction()

# Components are the Debian packages (cmake/package.cmake): runtime = the shared libraries and their manual, development = what
# is needed to build with krait, command = the krait command.
install(TARGETS krait_object krait_api EXPORT krait-targets
    ARCHIVE COMPONENT development)
if(TARGET krait_value)
    install(TARGETS krait_value EXPORT krait-targets)
endif()
if(TARGET krait_static)
    install(TARGETS krait_static EXPORT krait-targets
        ARCHIVE COMPONENT development)
    install(TARGETS krait_preload krait_preload8 krait_trace krait_debug krait_hard EXPORT krait-targets
        LIBRARY COMPONENT runtime NAMELINK_COMPONENT development)
    manual(7 libkrait runtime)
endif()

set(packages ${CMAKE_INSTALL_LIBDIR}/cmake/krait)
install(EXPORT krait-targets NAMESPACE krait:: DESTINATION ${packages} COMPONENT development)
file(WRITE ${PROJECT_BINARY_DIR}/krait-config.cmake "include(\"\${CMAKE_CURRENT_LIST_DIR}/krait-targets.cmake\")\n")
# Before 1.0 a minor version may change the interface (docs/versioning.md).
write_basic_package_version_file(${PROJECT_BINARY_DIR}/krait-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/krait-config.cmake ${PROJECT_BINARY_DIR}/krait-config-version.cmake
    DESTINATION ${packages} COMPONENT development)

file(RELATIVE_PATH KRAIT_PREFIX_FROM_PKGCONFIG ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
foreach(name krait krait-api krait-object)
    configure_file(cmake/${name}.pc.in ${PROJECT_BINARY_DIR}/${name}.pc @ONLY)
    install(FILES ${PROJECT_BINARY_DIR}/${name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)
endforeach()
install(DIRECTORY include/krait DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development)
manual(3 krait_malloc development)
manual(7 krait-object development)

if(TARGET krait)
    install(TARGETS krait RUNTIME COMPONENT command)
    manual(1 krait command)
    foreach(shell bash zsh)
        set(completion ${PROJECT_BINARY_DIR}/completion.${shell})
        add_custom_command(OUTPUT ${completion} COMMAND krait completion --shell ${shell} > ${completion} DEPENDS krait)
        list(APPEND completions ${completion})
    endforeach()
    add_custom_target(krait_completions ALL DEPENDS ${completions})
    install(FILES ${PROJECT_BINARY_DIR}/completion.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
        RENAME krait COMPONENT command)
    install(FILES ${PROJECT_BINARY_DIR}/completion.zsh DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions
        RENAME _krait COMPONENT command)
endif()
