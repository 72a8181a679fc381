# SPDX-License-Identifier: Apache-2.0
# CMake toolchain file: cmake -DCMAKE_TOOLCHAIN_FILE=PREFIX/share/wali.cmake …
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR wasm32)
get_filename_component(WALI_SDK "${CMAKE_CURRENT_LIST_DIR}" DIRECTORY)

set(CMAKE_C_COMPILER "${WALI_SDK}/bin/wali-cc")
set(CMAKE_CXX_COMPILER "${WALI_SDK}/bin/wali-c++")
set(CMAKE_ASM_COMPILER "${WALI_SDK}/bin/wali-cc")
set(CMAKE_AR "${WALI_SDK}/bin/wali-ar" CACHE FILEPATH "archiver")
set(CMAKE_RANLIB "${WALI_SDK}/bin/wali-ranlib" CACHE FILEPATH "archive indexer")
set(CMAKE_NM "${WALI_SDK}/bin/wali-nm" CACHE FILEPATH "symbol lister")
set(CMAKE_STRIP "${WALI_SDK}/bin/wali-strip" CACHE FILEPATH "symbol remover")
set(CMAKE_CROSSCOMPILING_EMULATOR "${WALI_SDK}/bin/wali-exec")

# Libraries and headers are the SDK's, programs that the build runs are the host's.
set(CMAKE_FIND_ROOT_PATH "${WALI_SDK}/sysroot")
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

# There are no shared libraries.
set(BUILD_SHARED_LIBS OFF CACHE BOOL "there are no shared libraries")
set_property(GLOBAL PROPERTY TARGET_SUPPORTS_SHARED_LIBS FALSE)
