// SPDX-License-Identifier: Apache-2.0
#include "process_look.h"

#include <linux/prctl.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>

// Where the linker has put this program.
extern "C" const char __executable_start, etext, data_start, edata;

namespace cli {
namespace {

// Tells the kernel where the arguments are. It wants all such places at once, and to ask it for the others (a file of
// /proc) takes longer than all else here; so they are what they are known to be. That the heap begins at its present
// end only means that it does not shrink below it. Privileges are not needed, but a kernel that can checkpoint
// processes.
bool set_arguments(const char* start, const char* end, char* const* words) {
    const auto at = [](const void* place) { return reinterpret_cast<uint64_t>(place); };
    prctl_mm_map map{};
    map.start_code = at(&__executable_start);
    map.end_code = at(&etext);
    map.start_data = at(&data_start);
    map.end_data = at(&edata);
    map.brk = static_cast<uint64_t>(syscall(SYS_brk, 0));
    map.start_brk = map.brk;
    map.start_stack = at(words);
    map.arg_start = at(start);
    map.arg_end = at(end);
    map.env_start = at(end);             // variables follow the arguments,
    map.env_end = getauxval(AT_EXECFN);  // and the program's name follows them
    map.exe_fd = ~uint32_t{0};
    return prctl(PR_SET_MM, PR_SET_MM_MAP, &map, sizeof map, 0) == 0;
}

// The end of the words, or null if they do not follow one another as the kernel lays them out.
char* end_of(std::span<char* const> argv) {
    char* end = argv.front();
    for (char* word : argv) {
        if (word != end) return nullptr;
        end = word + std::strlen(word) + 1;
    }
    return end;
}

}  // namespace

void look_like_guest(std::string_view name, const std::string& first, size_t rest, std::span<char* const> argv) {
    const std::string base(name.substr(name.rfind('/') + 1));
    prctl(PR_SET_NAME, base.c_str());  // as much of it as there is room for
    if (argv.empty() || rest >= argv.size()) return;
    char* const end = end_of(argv);
    if (end == nullptr) return;
    char* const after = rest == 0 ? end : argv[argv.size() - rest];
    const size_t room = static_cast<size_t>(after - argv.front());
    if (first.size() + 1 > room) return;
    char* const start = after - (first.size() + 1);
    std::memcpy(start, first.c_str(), first.size() + 1);
    if (start == argv.front() || set_arguments(start, end, argv.data())) return;
    // Then it begins where the words did, and empty words follow.
    const auto length = static_cast<size_t>(end - start);
    std::memmove(argv.front(), start, length);
    std::memset(argv.front() + length, 0, static_cast<size_t>(end - argv.front()) - length);
}

}  // namespace cli
