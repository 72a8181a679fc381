// SPDX-License-Identifier: Apache-2.0
#include "arguments.h"

#include "names.h"
#include "structs.h"

#include <fmt/format.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <array>

namespace wali::trace {

namespace {

// Show<K>: kMoment, and put(out, view, slot) for the kind at that argument. What is not said here does not compile.
template <class K>
struct Show;

struct Before {
    static constexpr Moment kMoment = Moment::Before;
};
struct After {
    static constexpr Moment kMoment = Moment::After;
};
template <Direction D>
constexpr Moment moment_of() {
    return D == Direction::In ? Moment::Before : D == Direction::Out ? Moment::After : Moment::Both;
}

// ---- numbers ---------------------------------------------------------------------------------------------------

constexpr int32_t kAtFdCwd = -100;

void put_word(std::string& out, std::string_view set, int32_t value) {
    if (has_names(set)) return put_names(out, set, static_cast<uint32_t>(value));
    out += std::to_string(value);
}

// The names of socket options, by level.
std::string_view option_set(int32_t level) {
    constexpr int32_t kIp = 0, kSocket = 1, kTcp = 6, kIpv6 = 41;
    switch (level) {
        case kIp: return "IpOption";
        case kSocket: return "GenericOption";
        case kTcp: return "TcpOption";
        case kIpv6: return "Ipv6Option";
        default: return {};
    }
}

void put_command(std::string& out, CallView& view, uint32_t slot, const Command* known, std::string_view name) {
    view.command = known;
    view.command_slot = slot;
    const uint64_t code = view.number(slot);
    out += name.empty() ? fmt::format("{:#x}", code) : std::string(name);
}
void put_command(std::string& out, CallView& view, uint32_t slot, const Command* known) {
    put_command(out, view, slot, known, known != nullptr ? known->name : std::string_view());
}

template <Number K>
struct Show<K> : Before {
    static void put(std::string& out, CallView& view, uint32_t slot) {
        const uint64_t bits = view.number(slot);
        const auto low = static_cast<uint32_t>(bits);
        const auto word = static_cast<int32_t>(low);
        if constexpr (std::same_as<K, DirFd>) {
            out += word == kAtFdCwd ? std::string("AT_FDCWD") : std::to_string(word);
        } else if constexpr (std::same_as<K, FileMode>) {
            out += fmt::format("{:#o}", low);
        } else if constexpr (std::same_as<K, Device>) {
            out += fmt::format("makedev({:#x}, {:#x})", major(low), minor(low));
        } else if constexpr (std::same_as<K, SignalNr>) {
            out += signal_name(word);
        } else if constexpr (std::same_as<K, FcntlCommand>) {
            put_command(out, view, slot, find_fcntl(low));
        } else if constexpr (std::same_as<K, IoctlRequest>) {
            put_command(out, view, slot, find_ioctl(low));
        } else if constexpr (std::same_as<K, PrctlOption>) {
            put_command(out, view, slot, find_prctl(low));
        } else if constexpr (std::same_as<K, MsgCommand> || std::same_as<K, SemCommand>) {
            put_command(out, view, slot, find_command(kSetOf<K>, low));
        } else if constexpr (std::same_as<K, KeyCommand>) {
            const KeyCommandRow* known = find_keyctl(low);
            put_command(out, view, slot, nullptr, known != nullptr ? known->name : std::string_view());
            if (known != nullptr) view.letters = known->arguments;
        } else if constexpr (std::same_as<K, SocketLevel>) {
            view.option_set = option_set(word);
            put_word(out, kSetOf<K>, word);
        } else if constexpr (std::same_as<K, SocketOption>) {
            put_word(out, view.option_set, word);
        } else if constexpr (std::same_as<K, Size>) {
            out += std::to_string(bits);
        } else if constexpr (std::same_as<K, Offset>) {
            const bool is_wide = (view.wide >> slot & 1U) != 0;
            out += std::to_string(is_wide ? static_cast<int64_t>(bits) : int64_t{word});
        } else if constexpr (std::same_as<K, ULong>) {
            out += fmt::format("{:#x}", bits);
        } else {
            put_word(out, kSetOf<K>, word);
        }
    }
};

// ---- what the command decides ----------------------------------------------------------------------------------

void put_command_number(std::string& out, const Command& command, uint32_t value) {
    if (command.argument == CommandArg::OpenFlags) return put_names(out, kSetOf<OpenFlags>, value);
    if (command.name == "F_SETFD") return put_names(out, "DescriptorFlags", value);
    out += std::to_string(static_cast<int32_t>(value));
}

void put_command_memory(std::string& out, const CallView& view, wasm::GuestAddr at) {
    const bool given = view.command->argument == CommandArg::In || view.command->argument == CommandArg::FdIn;
    const bool visible = given || view.has_written();
    if (wasm::raw(at) == 0 || !visible) return put_address(out, wasm::raw(at));
    if (view.command->bytes == sizeof(int32_t)) {
        const auto number = view.memory.load(wasm::GuestPtr<int32_t>{at});
        return number ? put(out, view, *number) : put_address(out, wasm::raw(at));
    }
    if (view.command->bytes == sizeof(Flock) && view.command->name.starts_with("F_")) {
        const auto lock = view.memory.load(wasm::GuestPtr<Flock>{at});
        return lock ? put(out, view, *lock) : put_address(out, wasm::raw(at));
    }
    put_bytes(out, view, at, view.command->bytes);
}

void put_command_argument(std::string& out, CallView& view, uint32_t slot) {
    const wasm::GuestAddr at = view.address(slot);
    if (view.command == nullptr) return put_address(out, wasm::raw(at));
    switch (view.command->argument) {
        case CommandArg::None:
        case CommandArg::OpenFlagsBack: return;
        case CommandArg::Number:
        case CommandArg::OpenFlags:
        case CommandArg::Fd: return put_command_number(out, *view.command, wasm::raw(at));
        case CommandArg::Own: return put_address(out, wasm::raw(at));
        case CommandArg::In:
        case CommandArg::FdIn:
        case CommandArg::Out:
        case CommandArg::InOut: return put_command_memory(out, view, at);
    }
}

// As KEYCTL rows say it.
void put_by_letter(std::string& out, const CallView& view, uint32_t slot, char letter) {
    switch (letter) {
        case 's': return put_string(out, view, view.address(slot));
        case 'b': return put_address(out, view.number(slot));
        case '0': return;
        default: out += std::to_string(static_cast<int32_t>(view.number(slot)));
    }
}

template <>
struct Show<VarArg> : After {
    static void put(std::string& out, CallView& view, uint32_t slot) {
        const uint32_t after_command = slot - view.command_slot - 1;
        if (after_command < view.letters.size()) return put_by_letter(out, view, slot, view.letters[after_command]);
        if (after_command == 0) return put_command_argument(out, view, slot);
        if (view.command != nullptr && after_command <= view.command->more) out += std::to_string(view.number(slot));
    }
};
template <>
struct Show<CommandAddress> : After {
    static void put(std::string& out, CallView& view, uint32_t slot) { put_command_argument(out, view, slot); }
};

template <>
struct Show<GuestAddress> : Before {
    static void put(std::string& out, CallView& view, uint32_t slot) { put_address(out, view.number(slot)); }
};

// ---- one of something ------------------------------------------------------------------------------------------

template <class T, Direction D>
void put_pointee(std::string& out, const CallView& view, uint32_t slot) {
    const wasm::GuestAddr at = view.address(slot);
    bool visible = D == Direction::In || view.has_written() || (D == Direction::InOut && !view.done);
    if (std::same_as<T, WaitStatus> && view.result == 0) visible = false;  // nobody has been waited for
    const auto value = wasm::raw(at) != 0 && visible ? view.memory.load(wasm::GuestPtr<T>{at}) : std::nullopt;
    value ? put(out, view, *value) : put_address(out, view.number(slot));
}

template <class T, Direction D>
struct Show<KernelPtr<T, D>> {
    static constexpr Moment kMoment = moment_of<D>();
    static void put(std::string& out, CallView& view, uint32_t slot) { put_pointee<T, D>(out, view, slot); }
};
template <class T, Direction D>
struct Show<GuestAt<T, D>> {
    static constexpr Moment kMoment = D == Direction::In ? Moment::Before : Moment::After;
    static void put(std::string& out, CallView& view, uint32_t slot) { put_pointee<T, D>(out, view, slot); }
};

template <KernelString K>
struct Show<K> : Before {
    static void put(std::string& out, CallView& view, uint32_t slot) { put_string(out, view, view.address(slot)); }
};

// ---- several of something ----------------------------------------------------------------------------------------

// Elements whose number the call's result is, if it fills them.
template <class T, Direction D>
void put_elements(std::string& out, CallView& view, wasm::GuestAddr at, uint64_t count) {
    if (D == Direction::Out && !view.has_written()) return put_address(out, wasm::raw(at));
    if (D == Direction::Out) count = view.written(count);
    if constexpr (std::same_as<T, uint8_t>) {
        put_bytes(out, view, at, count);
    } else {
        put_array<T>(out, view, at, count, [&](std::string& text, const T& value) {
            if constexpr (std::integral<T>) {
                text += std::to_string(value);
            } else {
                trace::put(text, view, value);
            }
        });
    }
}

template <class T, Direction D, class Count>
struct Show<KernelArray<T, D, Count>> {
    static constexpr Moment kMoment = moment_of<D>();
    static void put(std::string& out, CallView& view, uint32_t slot) {
        const uint64_t count = view.number(slot + 1);
        put_elements<T, D>(out, view, view.address(slot), count);
    }
    static void put_rest(std::string& out, CallView& view, uint32_t slot) {
        out += fmt::format(", {}", view.number(slot + 1));
    }
};
template <class T, Direction D>
struct Show<KernelCounted<T, D>> {
    static constexpr Moment kMoment = moment_of<D>();
    static void put(std::string& out, CallView& view, uint32_t slot) {
        const uint64_t count = view.number(slot);
        out += fmt::format("{}, ", count);
        put_elements<T, D>(out, view, view.address(slot + 1), count);
    }
};

template <class T, Direction D>
struct Show<GuestArray<T, D>> {
    static constexpr Moment kMoment = D == Direction::In ? Moment::Before : Moment::After;
    static void put(std::string& out, CallView& view, uint32_t slot) {
        const wasm::GuestAddr at = view.address(slot);
        const uint64_t count = view.number(slot + 1);
        if (D != Direction::In && view.failed()) {
            put_address(out, wasm::raw(at));
        } else if constexpr (std::same_as<T, Iovec>) {
            put_vectors(out, view, at, count, D == Direction::In ? UINT64_MAX : view.written(UINT64_MAX));
        } else {
            put_elements<T, Direction::In>(out, view, at, D == Direction::In ? count : view.written(count));
        }
        out += fmt::format(", {}", count);
    }
};

template <>
struct Show<FdSets> {
    static constexpr Moment kMoment = Moment::Both;
    static void put(std::string& out, CallView& view, uint32_t slot) {
        const auto count = static_cast<int32_t>(view.number(slot));
        if (!view.done) out += fmt::format("{}, ", count);
        for (uint32_t set = slot + 1; set < slot + 4; ++set) {
            if (set != slot + 1) out += ", ";
            put_set(out, view, view.address(set), count);
        }
    }

  private:
    static void put_set(std::string& out, const CallView& view, wasm::GuestAddr at, int32_t count) {
        constexpr int32_t kMost = 1024;
        std::array<uint8_t, kMost / 8> bits{};
        count = std::clamp(count, 0, kMost);
        const auto bytes = static_cast<uint64_t>((count + 7) / 8);
        if (wasm::raw(at) == 0 || !view.memory.read(at, bits.data(), bytes)) return put_address(out, wasm::raw(at));
        std::string text;
        for (int32_t fd = 0; fd < count; ++fd) {
            const bool set = (bits[static_cast<size_t>(fd) / 8] >> (fd % 8) & 1) != 0;
            if (set) text += fmt::format("{}{}", text.empty() ? "" : " ", fd);
        }
        out += fmt::format("[{}]", text);
    }
};

// ---- others --------------------------------------------------------------------------------------------------------

template <>
struct Show<SockAddrIn> : Before {
    static void put(std::string& out, CallView& view, uint32_t slot) {
        const auto length = static_cast<uint32_t>(view.number(slot + 1));
        put_socket_address(out, view, view.address(slot), length);
        out += fmt::format(", {}", length);
    }
};
template <>
struct Show<SockAddrOut> : After {
    static void put(std::string& out, CallView& view, uint32_t slot) {
        const wasm::GuestAddr length_at = view.address(slot + 1);
        const auto length = wasm::raw(length_at) != 0 && view.has_written()
                                ? view.memory.load(wasm::GuestPtr<uint32_t>{length_at})
                                : std::nullopt;
        length ? put_socket_address(out, view, view.address(slot), *length)
               : put_address(out, wasm::raw(view.address(slot)));
        out += ", ";
        length ? trace::put(out, view, *length) : put_address(out, wasm::raw(length_at));
    }
};

void put_option(std::string& out, const CallView& view, wasm::GuestAddr at, uint32_t length) {
    const auto number =
        length == sizeof(int32_t) ? view.memory.load(wasm::GuestPtr<int32_t>{at}) : std::optional<int32_t>();
    number ? put(out, view, *number) : put_bytes(out, view, at, length);
}

template <>
struct Show<OptionIn> : Before {
    static void put(std::string& out, CallView& view, uint32_t slot) {
        const auto length = static_cast<uint32_t>(view.number(slot + 1));
        put_option(out, view, view.address(slot), length);
        out += fmt::format(", {}", length);
    }
};
template <>
struct Show<OptionOut> : After {
    static void put(std::string& out, CallView& view, uint32_t slot) {
        const wasm::GuestAddr length_at = view.address(slot + 1);
        const auto length = wasm::raw(length_at) != 0 && view.has_written()
                                ? view.memory.load(wasm::GuestPtr<uint32_t>{length_at})
                                : std::nullopt;
        length ? put_option(out, view, view.address(slot), *length) : put_address(out, wasm::raw(view.address(slot)));
        out += ", ";
        length ? trace::put(out, view, *length) : put_address(out, wasm::raw(length_at));
    }
};

// Addresses of strings until NULL.
constexpr uint32_t kMostStrings = 1U << 20;

template <>
struct Show<ArgumentVector> : Before {
    static void put(std::string& out, CallView& view, uint32_t slot) {
        const wasm::GuestAddr start = view.address(slot);
        if (wasm::raw(start) == 0) return put_address(out, 0);
        constexpr uint32_t kMost = 32;
        std::string text = "[";
        for (uint32_t i = 0;; ++i) {
            const auto string = view.memory.load(wasm::GuestPtr<wasm::GuestAddr>{start} + i);
            if (!string) return put_address(out, wasm::raw(start));
            if (wasm::raw(*string) == 0) break;
            if (i != 0) text += ", ";
            if (i == kMost) {
                text += "...";
                break;
            }
            put_string(text, view, *string);
        }
        out += text + "]";
    }
};
template <>
struct Show<EnvironmentVector> : Before {
    static void put(std::string& out, CallView& view, uint32_t slot) {
        const wasm::GuestAddr start = view.address(slot);
        put_address(out, wasm::raw(start));
        if (wasm::raw(start) == 0) return;
        for (uint32_t i = 0; i < kMostStrings; ++i) {
            const auto string = view.memory.load(wasm::GuestPtr<wasm::GuestAddr>{start} + i);
            if (!string) return;
            if (wasm::raw(*string) != 0) continue;
            out += fmt::format(" /* {} {} */", i, i == 1 ? "var" : "vars");
            return;
        }
    }
};

// ---- the rows ------------------------------------------------------------------------------------------------------

struct ShownRow {
    std::span<const ShownArgument> arguments;
    Return returns = Return::Soon;
};

template <class K>
constexpr ShownArgument shown_argument() {
    ShownArgument argument{Show<K>::kMoment, static_cast<uint8_t>(Kind<K>::kInfo.wasm.size()), &Show<K>::put, nullptr};
    if constexpr (requires { &Show<K>::put_rest; }) argument.rest = &Show<K>::put_rest;
    return argument;
}

// Shared by the rows that have the same.
template <class... K>
constexpr std::array<ShownArgument, sizeof...(K)> kArgumentsOf{shown_argument<K>()...};

template <class... K>
constexpr ShownRow shown_row() {
    return {kArgumentsOf<K...>, (std::same_as<K, ExitStatus> || ...)       ? Return::Never
                                : (std::same_as<K, ArgumentVector> || ...) ? Return::Other
                                : (std::same_as<K, SignalNr> || ...)       ? Return::Late
                                                                           : Return::Soon};
}

#define DIRECT(name, x86, arm, rv, category, restart, ...) shown_row<__VA_ARGS__>(),
#define CUSTOM                                             DIRECT
#define ABSENT(...)                                        ShownRow{},
#define ALIAS(...)
#define VIA(...)
#define OLDER(...)
constexpr ShownRow kShownRows[] = {
#include "../syscalls.def"
};
#undef DIRECT
#undef CUSTOM
#undef ABSENT
#undef ALIAS
#undef VIA
#undef OLDER

const ShownRow& shown(const Row& row) { return kShownRows[&row - syscall_rows().data()]; }

}  // namespace

std::span<const ShownArgument> shown_arguments(const Row& row) { return shown(row).arguments; }
Return return_of(const Row& row) {
    const Return known = shown(row).returns;
    return known == Return::Soon && row.can_block() ? Return::Late : known;
}

}  // namespace wali::trace
