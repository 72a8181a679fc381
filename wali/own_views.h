// SPDX-License-Identifier: Apache-2.0
// What /proc says of this process to its guest. The kernel describes the runtime: its memory, arguments and handlers.
// A guest that opens such a file of its own process gets a description of itself, made when it is opened; of other
// processes it sees what the kernel says. This is for programs that want to know themselves. It hides nothing: the
// child of a fork sees its parent as the kernel does.
#pragma once

#include "dispatch.h"

#include <string>
#include <string_view>

namespace wali {

struct OwnView {
    std::string_view name;    // of the file
    std::string_view source;  // the kernel's file that it is made from, beside it
    std::string (*make)(const Call& call, std::string_view kernels);
};

// A file of procfs by the path that its link shows: which view of this process it is, and of which of its threads. The
// process is called `own` there.
struct OwnFile {
    const OwnView* view = nullptr;  // none: it is another file
    std::string source;             // a path from the process's own folder in procfs: "maps", "task/17/stat"
};
OwnFile own_file(std::string_view path, std::string_view own);

}  // namespace wali
