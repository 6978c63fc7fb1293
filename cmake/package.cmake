# The packages that scripts/package builds: Debian's libkrait0, libkrait-dev, krait and their -dbgsym, and one archive of all.
set(CPACK_PACKAGE_NAME krait)
set(CPACK_PACKAGE_VENDOR krait)
set(KRAIT_MAINTAINER "krait's developers <krait@localhost>" CACHE STRING "Who answers for the packages, as Debian writes it")
set(CPACK_PACKAGE_CONTACT "${KRAIT_MAINTAINER}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_STRIP_FILES OFF) # the Debian generator splits debug information off; the archive keeps it
set(CPACK_ARCHIVE_THREADS 0)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_COMPONENTS_ALL runtime development command)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_ENABLE_COMPONENT_DEPENDS OFF)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)

set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME libkrait0)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_RUNTIME_DEBUGINFO_PACKAGE ON)
file(WRITE ${PROJECT_BINARY_DIR}/debian/triggers "activate-noawait ldconfig\n")
set(CPACK_DEBIAN_RUNTIME_PACKAGE_CONTROL_EXTRA ${PROJECT_BINARY_DIR}/debian/triggers)
set(CPACK_COMPONENT_RUNTIME_DESCRIPTION "small-object allocator of CPython as a program's malloc
 A malloc that is preloaded into programs or linked with them. Blocks of up
 to 512 bytes come from pools and arenas as in CPython, larger ones from the
 C library; memory that the program frees goes back to the system.")

set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libkrait-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SHLIBDEPS OFF)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "libkrait0 (= ${PROJECT_VERSION})")
set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION "small-object allocator of CPython: headers and libraries
 What programs need that are built with krait: headers for C and C++, static
 libraries, files for CMake and pkg-config, and the object layer with
 reference counts, weak references and a cycle collector.")

set(CPACK_DEBIAN_COMMAND_PACKAGE_NAME krait)
set(CPACK_DEBIAN_COMMAND_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_COMMAND_DEBUGINFO_PACKAGE ON)
set(CPACK_DEBIAN_COMMAND_PACKAGE_DEPENDS "libkrait0 (= ${PROJECT_VERSION})")
set(CPACK_COMPONENT_COMMAND_DESCRIPTION "compare memory under allocators, look into heaps
 Runs programs with krait as their malloc, compares time and resident memory
 under glibc, krait and other allocators, and shows where the memory of a
 running process is.")

# What Debian wants in every package's folder of documents.
if(KRAIT_DEBIAN_DOCUMENTS)
    foreach(component runtime development command)
        string(TOUPPER ${component} upper)
        set(name ${CPACK_DEBIAN_${upper}_PACKAGE_NAME})
        install(FILES ${KRAIT_DEBIAN_DOCUMENTS}/copyright ${KRAIT_DEBIAN_DOCUMENTS}/changelog.gz
            DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${name} COMPONENT ${component})
    endforeach()
endif()
include(CPack)
