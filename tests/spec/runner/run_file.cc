// SPDX-License-Identifier: Apache-2.0
#include "run_file.h"

#include "script.h"
#include "session.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <new>

namespace spec {
namespace {

// What the child has done so far, in memory shared with the parent: readable after any death.
struct Progress {
    Tally tally;
    uint32_t line = 0;
    uint32_t commands_done = 0;
    bool finished = false;
};

// A rule that applies to this file, and what came of it.
struct Watched {
    const Skip* skip;
    uint32_t commands = 0;
    uint32_t failures = 0;
};

// The child's side.
class FileRun {
  public:
    FileRun(const std::string& name, const std::vector<Skip>& skips, const RunOptions& options, int out, Progress& p)
        : name_(name), options_(options), out_(out), progress_(p) {
        for (const Skip& s : skips) {
            if (s.matches(name)) watched_.push_back({&s});
        }
    }

    void run(const Script& script) {
        Session session(options_.store);
        for (const Command& c : script.commands) {
            progress_.line = c.line;
            step(session, c);
            ++progress_.commands_done;
        }
        for (const Watched& w : watched_) {
            if (w.failures > 0) continue;
            ++progress_.tally.unexpected_passes;
            say(fmt::format("{}: unexpected pass of \"{}\" ({} {} commands): take it out of skips.txt", name_,
                            w.skip->place(), w.commands == 0 ? "covers" : "all", w.commands));
        }
        progress_.finished = true;
    }

  private:
    void step(Session& session, const Command& c) {
        Tally& tally = progress_.tally;
        if (c.op == Op::TextOnly) {
            ++tally.text_only;
            return;
        }
        const Complaint complaint = session.run(c);
        bool is_listed = false;
        for (Watched& w : watched_) {
            if (!w.skip->covers(c.line)) continue;
            is_listed = true;
            ++w.commands;
            w.failures += complaint.empty() ? 0 : 1;
        }
        if (is_listed) {
            tally.skipped += is_assertion(c.op) ? 1 : 0;
        } else if (complaint.empty()) {
            tally.passed += is_assertion(c.op) ? 1 : 0;
        } else if (++tally.failed <= options_.shown_failures) {
            say(fmt::format("{}:{}: {}", name_, c.line, complaint));
        }
    }

    void say(std::string line) {
        std::replace(line.begin(), line.end(), '\n', ' ');
        line += '\n';
        for (size_t done = 0; done < line.size();) {
            const ssize_t n = write(out_, line.data() + done, line.size() - done);
            if (n <= 0) return;
            done += static_cast<size_t>(n);
        }
    }

    const std::string& name_;
    const RunOptions& options_;
    int out_;
    Progress& progress_;
    std::vector<Watched> watched_;
};

std::vector<std::string> read_lines(int fd) {
    std::string text;
    char block[4096];
    for (ssize_t n = 0; (n = read(fd, block, sizeof block)) > 0;) text.append(block, static_cast<size_t>(n));
    std::vector<std::string> lines;
    for (size_t at = 0, end = 0; (end = text.find('\n', at)) != std::string::npos; at = end + 1) {
        lines.push_back(text.substr(at, end - at));
    }
    return lines;
}

// The child died: its remaining commands count as failed.
void add_death(FileReport& report, const Script& script, const Progress& p, const std::string& name, int status) {
    const auto rest = script.commands.begin() + p.commands_done;
    const auto lost = std::count_if(rest, script.commands.end(), [](const Command& c) { return is_assertion(c.op); });
    report.tally.failed += std::max<uint32_t>(static_cast<uint32_t>(lost), 1);
    const int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    const std::string cause = signal == SIGALRM ? "hang"
                              : signal != 0     ? fmt::format("died of signal {} ({})", signal, strsignal(signal))
                                                : fmt::format("left with status {}", WEXITSTATUS(status));
    report.remarks.push_back(fmt::format("{}:{}: the runner {}; {} assertions lost", name, p.line, cause, lost));
}

}  // namespace

Tally& Tally::operator+=(const Tally& other) {
    passed += other.passed;
    failed += other.failed;
    skipped += other.skipped;
    text_only += other.text_only;
    unexpected_passes += other.unexpected_passes;
    return *this;
}

FileReport run_file(const std::string& path,
                    const std::string& name,
                    const std::vector<Skip>& skips,
                    const RunOptions& options) {
    const auto script = load_script(path);
    if (!script) return {{.failed = 1}, {fmt::format("{}: {} is not a script", name, path)}};
    void* shared = mmap(nullptr, sizeof(Progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int ends[2];
    if (shared == MAP_FAILED || pipe(ends) != 0) return {{.failed = 1}, {fmt::format("{}: no pipe", name)}};
    Progress& progress = *new (shared) Progress;
    const pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        alarm(options.hang_seconds);
        FileRun(name, skips, options, ends[1], progress).run(*script);
        _exit(0);
    }
    close(ends[1]);
    FileReport report;
    if (child < 0) return {{.failed = 1}, {fmt::format("{}: no process", name)}};
    report.remarks = read_lines(ends[0]);
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    report.tally = progress.tally;
    if (!progress.finished) add_death(report, *script, progress, name, status);
    munmap(shared, sizeof(Progress));
    return report;
}

}  // namespace spec
