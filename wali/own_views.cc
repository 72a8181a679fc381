// SPDX-License-Identifier: Apache-2.0
#include "own_views.h"

#include <fmt/format.h>
#include <sys/auxv.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

namespace wali {

namespace {

// ---- words and lines -----------------------------------------------------------------------------------------------

// Takes the first of `text` up to `end`, which is dropped.
std::string_view take(std::string_view& text, char end) {
    const size_t length = std::min(text.find(end), text.size());
    const std::string_view taken = text.substr(0, length);
    text.remove_prefix(std::min(length + 1, text.size()));
    return taken;
}

std::optional<uint64_t> number(std::string_view text, int base) {
    uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text.append(word).push_back('\0');
    return text;
}

uint64_t kilobytes(uint64_t bytes) { return bytes >> 10; }

// The main thread's stack, where its place is known: programs that keep nothing at NULL have it next.
uint64_t stack_bytes(const Process& process, const AddressSpace::Usage& usage) {
    const bool is_next = usage.null_end > kGuestPage && process.first_stack_pointer > usage.null_end;
    return is_next ? process.first_stack_pointer - usage.null_end : 0;
}

// ---- mappings ------------------------------------------------------------------------------------------------------

struct Range {
    uint64_t start;
    uint64_t end;
};

// The parts of guest memory that are mapped. What touches is one.
std::vector<Range> mapped_ranges(const Process& process) {
    std::vector<Range> ranges;
    for (const PageRun& run : process.space.mappings()) {
        if (!ranges.empty() && ranges.back().end == run.start) {
            ranges.back().end = run.end;
        } else {
            ranges.push_back({run.start, run.end});
        }
    }
    return ranges;
}

// A line of `maps`: START-END ACCESS OFFSET DEVICE INODE NAME, the numbers hexadecimal.
struct MapsLine {
    Range range;  // of host addresses
    std::string_view access;
    uint64_t offset;
    std::string_view rest;
};
std::optional<MapsLine> parse_maps_line(std::string_view line) {
    const auto start = number(take(line, '-'), 16);
    const auto end = number(take(line, ' '), 16);
    const std::string_view access = take(line, ' ');
    const auto offset = number(take(line, ' '), 16);
    if (!start || !end || !offset) return std::nullopt;
    return MapsLine{{*start, *end}, access, *offset, line};
}

// As the kernel writes it, a name in the column where it has it.
std::string maps_line(const Process& process, const MapsLine& line, Range host, uint64_t base) {
    constexpr size_t kNameColumn = 73;
    const uint64_t offset = line.offset == 0 ? 0 : line.offset + (host.start - line.range.start);
    const Range guest{host.start - base, host.end - base};
    std::string text =
        fmt::format("{:08x}-{:08x} {} {:08x} {}", guest.start, guest.end, line.access, offset, line.rest);
    const uint64_t stack = process.first_stack_pointer;
    if (!text.ends_with(' ') || stack <= guest.start || stack > guest.end) return text;
    text.resize(kNameColumn, ' ');
    return text + "[stack]";
}

// `maps` and, with lines of details after each mapping, `smaps`.
std::string make_maps(const Call& call, std::string_view kernels) {
    const Process& process = call.process;
    const uint64_t base = reinterpret_cast<uint64_t>(process.memory.base());
    const std::vector<Range> ranges = mapped_ranges(process);
    auto next = ranges.begin();  // the first that ends after the line begins: both are in order
    std::string text;
    while (!kernels.empty()) {
        const auto line = parse_maps_line(take(kernels, '\n'));
        std::string_view details = kernels;
        while (!kernels.empty() && (kernels[0] < 'a' || kernels[0] > 'f') && (kernels[0] < '0' || kernels[0] > '9'))
            take(kernels, '\n');
        details.remove_suffix(kernels.size());
        if (!line || line->range.end <= base) continue;
        while (next != ranges.end() && base + next->end <= line->range.start) ++next;
        for (auto range = next; range != ranges.end() && base + range->start < line->range.end; ++range) {
            const Range part{std::max(base + range->start, line->range.start),
                             std::min(base + range->end, line->range.end)};
            text += maps_line(process, *line, part, base) + '\n';
            const size_t size = details.find('\n');
            if (size == std::string_view::npos) continue;
            text += fmt::format("Size:           {:8} kB", kilobytes(part.end - part.start));
            text += details.substr(size);
        }
    }
    return text;
}

// The sums of `smaps`.
std::string make_rollup(const Call& call, std::string_view kernels) {
    const std::string maps = make_maps(call, kernels);
    std::vector<std::pair<std::string_view, uint64_t>> sums;
    uint64_t end = 0;
    for (std::string_view rest = maps; !rest.empty();) {
        std::string_view line = take(rest, '\n');
        if (const auto header = parse_maps_line(line)) {
            end = header->range.end;
            continue;
        }
        const std::string_view key = take(line, ':');
        line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
        const auto value = number(take(line, ' '), 10);
        if (line != "kB" || !value || key.ends_with("Size")) continue;
        const auto sum = std::ranges::find(sums, key, &decltype(sums)::value_type::first);
        if (sum == sums.end()) {
            sums.emplace_back(key, *value);
        } else {
            sum->second += *value;
        }
    }
    const auto ranges = mapped_ranges(call.process);
    std::string text = fmt::format("{:08x}-{:08x} ---p 00000000 00:00 0 ", ranges.empty() ? 0 : ranges[0].start, end);
    text.resize(73, ' ');
    text += "[rollup]\n";
    for (const auto& [key, sum] : sums) text += fmt::format("{:<16}{:8} kB\n", fmt::format("{}:", key), sum);
    return text;
}

// Lines that begin with an address.
std::string make_numa_maps(const Call& call, std::string_view kernels) {
    const uint64_t base = reinterpret_cast<uint64_t>(call.process.memory.base());
    std::string text;
    while (!kernels.empty()) {
        std::string_view line = take(kernels, '\n');
        const auto start = number(take(line, ' '), 16);
        if (start && *start >= base && call.process.space.is_mapped(*start - base))
            text += fmt::format("{:08x} {}\n", *start - base, line);
    }
    return text;
}

// ---- numbers -------------------------------------------------------------------------------------------------------

std::string make_statm(const Call& call, std::string_view kernels) {
    const auto usage = call.process.space.usage();
    take(kernels, ' ');
    const std::string_view resident = take(kernels, ' ');
    const std::string_view shared = take(kernels, ' ');
    return fmt::format("{} {} {} 0 0 {} 0\n", usage.mapped / kGuestPage, resident, shared, usage.data / kGuestPage);
}

// Code has no address, and where arguments lie only libc knows.
std::string make_stat(const Call& call, std::string_view kernels) {
    const size_t name_end = std::min(kernels.rfind(')') + 1, kernels.size());
    std::string text(kernels.substr(0, name_end));
    std::string_view rest = kernels.substr(std::min(name_end + 1, kernels.size()));
    if (rest.ends_with('\n')) rest.remove_suffix(1);
    const auto usage = call.process.space.usage();
    for (int field = 3; !rest.empty(); ++field) {
        const std::string_view kernels_own = take(rest, ' ');
        switch (field) {
            case 20: text += fmt::format(" {}", call.process.live_threads.load()); break;  // num_threads
            case 23: text += fmt::format(" {}", usage.mapped); break;                      // vsize
            case 28: text += fmt::format(" {}", call.process.first_stack_pointer); break;  // startstack
            case 26:                                                                       // startcode, endcode
            case 27:
            case 29:  // kstkesp, kstkeip
            case 30:
            case 45:  // start_data, end_data, start_brk, arg_start, arg_end, env_start, env_end
            case 46:
            case 47:
            case 48:
            case 49:
            case 50:
            case 51: text += " 0"; break;
            default: text.append(" ").append(kernels_own);
        }
    }
    return text + '\n';
}

// The value of a line of `status` that the guest sees otherwise; empty: it is as the kernel says.
std::string status_value(const Call& call, std::string_view key, const AddressSpace::Usage& usage) {
    const auto size = [](uint64_t bytes) { return fmt::format("{:8} kB", kilobytes(bytes)); };
    const auto set = [](uint64_t signals) { return fmt::format("{:016x}", signals); };
    if (key == "VmPeak") return size(usage.most_mapped);
    if (key == "VmSize") return size(usage.mapped);
    if (key == "VmData") return size(usage.data);
    if (key == "VmStk") return size(stack_bytes(call.process, usage));
    if (key == "VmExe" || key == "VmLib") return size(0);
    if (key == "Threads") return fmt::format("{}", call.process.live_threads.load());
    if (key == "SigIgn") return set(call.process.actions.sets().ignored);
    if (key == "SigCgt") return set(call.process.actions.sets().handled);
    return {};
}
std::string make_status(const Call& call, std::string_view kernels) {
    const auto usage = call.process.space.usage();
    std::string text;
    while (!kernels.empty()) {
        const std::string_view line = take(kernels, '\n');
        const std::string_view key = line.substr(0, line.find(':'));
        const std::string value = status_value(call, key, usage);
        text.append(value.empty() ? std::string(line) : fmt::format("{}:\t{}", key, value)).push_back('\n');
    }
    return text;
}

std::string make_limits(const Call& call, std::string_view kernels) {
    constexpr std::array<std::pair<std::string_view, uint32_t>, 3> kRows{
        {{"Max data size", RLIMIT_DATA}, {"Max stack size", RLIMIT_STACK}, {"Max address space", RLIMIT_AS}}};
    const auto shown = [](uint64_t limit) {
        return limit == RLIM_INFINITY ? std::string("unlimited") : fmt::format("{}", limit);
    };
    std::string text;
    while (!kernels.empty()) {
        const std::string_view line = take(kernels, '\n');
        const auto row = std::ranges::find_if(kRows, [&](const auto& r) { return line.starts_with(r.first); });
        if (row == kRows.end()) {
            text.append(line).push_back('\n');
            continue;
        }
        const Rlimit limit = call.process.memory_limits.get(row->second);
        text += fmt::format("{:<25} {:<20} {:<20} {:<10}\n", row->first, shown(limit.soft), shown(limit.hard), "bytes");
    }
    return text;
}

// ---- what the process was started with -----------------------------------------------------------------------------

// Pairs of 32-bit words, as a guest's libc keeps them.
std::string make_auxv(const Call& /*call*/, std::string_view /*kernels*/) {
    constexpr std::array<unsigned long, 6> kSaidByKernel{AT_CLKTCK, AT_UID, AT_EUID, AT_GID, AT_EGID, AT_SECURE};
    std::string text;
    const auto add = [&](unsigned long type, uint64_t value) {
        const std::array<uint32_t, 2> entry{static_cast<uint32_t>(type), static_cast<uint32_t>(value)};
        text.append(reinterpret_cast<const char*>(entry.data()), sizeof entry);
    };
    add(AT_PAGESZ, kGuestPage);
    for (const unsigned long type : kSaidByKernel) add(type, getauxval(type));
    add(AT_NULL, 0);
    return text;
}
std::string make_cmdline(const Call& call, std::string_view /*kernels*/) { return joined(call.process.options.args); }
std::string make_environ(const Call& call, std::string_view /*kernels*/) { return joined(call.process.options.env); }

// Of a thread that waits: the number and the arguments of the kernel's call, which are the runtime's.
std::string make_syscall(const Call& /*call*/, std::string_view /*kernels*/) { return "running\n"; }

constexpr std::array<OwnView, 12> kViews{{{"auxv", "auxv", &make_auxv},
                                          {"cmdline", "cmdline", &make_cmdline},
                                          {"environ", "environ", &make_environ},
                                          {"limits", "limits", &make_limits},
                                          {"maps", "maps", &make_maps},
                                          {"numa_maps", "numa_maps", &make_numa_maps},
                                          {"smaps", "smaps", &make_maps},
                                          {"smaps_rollup", "smaps", &make_rollup},
                                          {"stat", "stat", &make_stat},
                                          {"statm", "statm", &make_statm},
                                          {"status", "status", &make_status},
                                          {"syscall", "syscall", &make_syscall}}};

// Takes the last component of a path.
std::string_view take_last(std::string_view& path) {
    const size_t slash = path.rfind('/');
    const std::string_view last = path.substr(slash == std::string_view::npos ? 0 : slash + 1);
    path.remove_suffix(std::min(path.size(), last.size() + 1));
    return last;
}

}  // namespace

OwnFile own_file(std::string_view path, std::string_view own) {
    const std::string_view name = take_last(path);
    const auto view = std::ranges::find(kViews, name, &OwnView::name);
    if (view == kViews.end()) return {};
    std::string source(view->source);
    std::string_view process = take_last(path);
    std::string_view above = path;
    if (take_last(above) == "task" && number(take_last(above), 10)) {
        source = fmt::format("task/{}/{}", process, source);
        take_last(path);
        process = take_last(path);
    }
    return process == own ? OwnFile{&*view, std::move(source)} : OwnFile{};
}

}  // namespace wali
