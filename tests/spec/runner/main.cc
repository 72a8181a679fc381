// SPDX-License-Identifier: Apache-2.0
// Runs converted scripts of the official suite against the engine and reports file by file.
// Status 0: nothing failed and skips.txt tells the truth; 1: not so; 2: the command line is wrong.

#include "run_file.h"
#include "skips.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <fstream>

namespace spec {
namespace {

namespace fs = std::filesystem;

constexpr const char* kUsage =
    "usage: spec_runner [options] DIR\n"
    "  DIR                    folder of .script files\n"
    "  --skips=FILE           cases that are not supported yet\n"
    "  --only=NAME            only scripts whose path in the suite contains NAME or matches it as a pattern\n"
    "  --explicit-bounds      memory accesses with explicit bounds checks instead of guard pages\n"
    "  --show=N               failures shown per file (5)\n"
    "  --quiet                only files with something to say\n";

struct Arguments {
    RunOptions run;
    std::string dir;
    std::string skips;
    std::vector<std::string> only;
    bool quiet = false;
};

bool parse_argument(std::string_view arg, Arguments& out) {
    const auto value_of = [&](std::string_view option, std::string& value) {
        if (!arg.starts_with(option)) return false;
        value = arg.substr(option.size());
        return true;
    };
    std::string number;
    if (arg == "--explicit-bounds") return out.run.store.explicit_bounds_checks = true;
    if (arg == "--quiet") return out.quiet = true;
    if (value_of("--show=", number)) {
        return std::from_chars(number.data(), number.data() + number.size(), out.run.shown_failures).ec == std::errc{};
    }
    if (value_of("--only=", out.only.emplace_back())) return true;
    out.only.pop_back();
    if (value_of("--skips=", out.skips)) return true;
    if (arg.starts_with("-") || !out.dir.empty()) return false;
    out.dir = arg;
    return true;
}

bool is_selected(const std::string& name, const std::vector<std::string>& only) {
    return only.empty() || std::any_of(only.begin(), only.end(), [&](const std::string& o) {
               return name.find(o) != std::string::npos || fnmatch(o.c_str(), name.c_str(), 0) == 0;
           });
}

std::vector<fs::path> scripts_below(const std::string& dir) {
    std::vector<fs::path> found;
    std::error_code error;
    for (const auto& entry : fs::recursive_directory_iterator(dir, error)) {
        if (entry.path().extension() == ".script") found.push_back(entry.path());
    }
    std::sort(found.begin(), found.end());
    return found;
}

void print(const std::string& name, const FileReport& report) {
    const Tally& t = report.tally;
    std::string line = fmt::format("{:44} {:6} passed", name, t.passed);
    if (t.failed > 0) line += fmt::format(", {} FAILED", t.failed);
    if (t.skipped > 0) line += fmt::format(", {} skipped", t.skipped);
    if (t.text_only > 0) line += fmt::format(", {} text only", t.text_only);
    fmt::print("{}\n", line);
    for (const auto& remark : report.remarks) fmt::print("    {}\n", remark);
    std::fflush(stdout);
}

uint32_t report_stale(const std::vector<Skip>& skips, const std::vector<std::string>& names) {
    uint32_t stale = 0;
    for (const Skip& s : skips) {
        if (std::any_of(names.begin(), names.end(), [&](const std::string& n) { return s.matches(n); })) continue;
        fmt::print("skips.txt: \"{}\" matches no script\n", s.place());
        ++stale;
    }
    return stale;
}

int run(const Arguments& args) {
    SkipList list;
    if (!args.skips.empty()) {
        std::ifstream in(args.skips);
        list = read_skips(in, args.skips);
    }
    if (!list.error.empty()) return fmt::print(stderr, "spec_runner: {}\n", list.error), 2;
    const auto paths = scripts_below(args.dir);
    if (paths.empty()) return fmt::print(stderr, "spec_runner: {}: no .script files\n", args.dir), 2;
    Tally total;
    std::vector<std::string> names;
    for (const auto& path : paths) {
        const std::string name = path.lexically_relative(args.dir).replace_extension(".wast").string();
        names.push_back(name);
        if (!is_selected(name, args.only)) continue;
        const FileReport report = run_file(path.string(), name, list.skips, args.run);
        if (!args.quiet || !report.remarks.empty()) print(name, report);
        total += report.tally;
    }
    const uint32_t untrue = total.unexpected_passes + report_stale(list.skips, names);
    if (untrue > 0) fmt::print("{} entries of skips.txt are no longer true\n", untrue);
    fmt::print("{} passed, {} failed, {} skipped ({} not supported yet, {} about the text format)\n", total.passed,
               total.failed, total.skipped + total.text_only, total.skipped, total.text_only);
    return total.failed + untrue > 0 ? 1 : 0;
}

}  // namespace
}  // namespace spec

int main(int argc, char** argv) {
    spec::Arguments args;
    const bool ok = std::all_of(argv + 1, argv + argc, [&](const char* a) { return spec::parse_argument(a, args); });
    if (!ok || args.dir.empty()) return std::fputs(spec::kUsage, stderr), 2;
    return spec::run(args);
}
