// SPDX-License-Identifier: Apache-2.0
// Everything known about a kind of syscall argument, in one place: its wasm type, how it is decoded from slots, which
// kernel registers it becomes, what it is called. A row of syscalls.def is a list of these; the parameters of a
// custom call are these. Who touches guest memory decides the kind:
//   In/Out/InOut/Path/BytesIn/BytesOut…  only the kernel does: it reports EFAULT itself, exactly as for a native
//                                        program. The pointer must not be dereferenced here.
//   InAt/OutAt/InOutAt, GuestAddress     the call's own code does, through Call::load and Call::store.
#pragma once

#include "abi.h"
#include "args.h"
#include "guest_signal.h"
#include "open_flags.h"

#include <wasm/memory.h>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace wali {

enum class Direction : uint8_t { None, In, Out, InOut };

struct KindInfo {
    std::string_view name;  // "fd", "path", "timespec"
    Direction direction = Direction::None;
    std::string_view wasm;  // one letter per wasm parameter: i = i32, I = i64
};

// ---- numbers ---------------------------------------------------------------------------------------------------

// Signed 32-bit.
#define WORD(type, text)                                \
    struct type {                                       \
        static constexpr std::string_view kName = text; \
        int32_t value = 0;                              \
    };
#include "words.def"
#undef WORD

// Descriptors. One of the runtime's own is decoded as -1: to the guest it is not open.
struct Fd {
    static constexpr std::string_view kName = "fd";
    int32_t value = -1;
};
struct DirFd {  // AT_FDCWD too
    static constexpr std::string_view kName = "dir fd";
    int32_t value = -1;
};
// A number that shall become a descriptor (dup2): not decoded as above.
struct NewFd {
    static constexpr std::string_view kName = "new fd";
    int32_t value = -1;
};

// Unsigned 32-bit: size_t, socklen_t, counts.
struct Size {
    static constexpr std::string_view kName = "size";
    uint32_t value = 0;
};
// 64-bit.
struct Offset {  // off_t, loff_t
    static constexpr std::string_view kName = "offset";
    int64_t value = 0;
};
struct ULong {
    static constexpr std::string_view kName = "ulong";
    uint64_t value = 0;
};
// An `unsigned long` that libc reads from varargs although callers store an int: the upper half is stack garbage
// (fcntl, prctl), so that only the low half is an argument.
struct VarArg {
    static constexpr std::string_view kName = "arg";
    uint32_t low = 0;
    int32_t integer() const { return static_cast<int32_t>(low); }
    wasm::GuestAddr address() const { return wasm::GuestAddr{low}; }
};

// ---- pointers ----------------------------------------------------------------------------------------------------

template <class T>
constexpr std::string_view pointee_name() {
    if constexpr (requires { T::kName; }) {
        return T::kName;
    } else if constexpr (std::same_as<T, int32_t>) {
        return "int";
    } else if constexpr (std::same_as<T, uint32_t>) {
        return "uint";
    } else if constexpr (std::same_as<T, int64_t>) {
        return "long";
    } else if constexpr (std::same_as<T, uint64_t>) {
        return "ulong";
    } else {
        static_assert(std::same_as<T, uint8_t>);
        return "bytes";
    }
}

// One T that only the kernel touches; the guest's layout of T is the kernel's. Guest 0 is NULL.
template <class T, Direction D>
struct KernelPtr {
    T* kernel = nullptr;
};
template <class T>
using In = KernelPtr<T, Direction::In>;
template <class T>
using Out = KernelPtr<T, Direction::Out>;
template <class T>
using InOut = KernelPtr<T, Direction::InOut>;

// Address and number of elements, for the kernel only.
template <class T, Direction D, class Count = uint32_t>
struct KernelArray {
    T* kernel = nullptr;
    Count count = 0;
    wasm::GuestAddr at{};  // for calls that look at a copy
};
template <class T>
using ArrayIn = KernelArray<T, Direction::In>;
template <class T>
using ArrayOut = KernelArray<T, Direction::Out>;
using BytesIn = ArrayIn<uint8_t>;
using BytesOut = ArrayOut<uint8_t>;

// The same with the count first: getgroups, sched_setaffinity.
template <class T, Direction D>
struct KernelCounted {
    uint32_t count = 0;
    T* kernel = nullptr;
};
template <class T>
using CountedIn = KernelCounted<T, Direction::In>;
template <class T>
using CountedOut = KernelCounted<T, Direction::Out>;

struct Path {  // NUL-terminated
    static constexpr std::string_view kName = "path";
    const char* kernel = nullptr;
    wasm::GuestAddr at{};  // for Memory::load_string
};
struct String {  // NUL-terminated, not a path
    static constexpr std::string_view kName = "string";
    const char* kernel = nullptr;
    wasm::GuestAddr at{};
};

using PollFds = KernelArray<PollFd, Direction::InOut, uint64_t>;

// A struct sockaddr and the length of it, in and out.
struct SockAddrIn {
    const uint8_t* kernel = nullptr;
    uint32_t length = 0;
};
struct SockAddrOut {
    uint8_t* kernel = nullptr;
    uint32_t* length = nullptr;
};

// select's first four arguments: the number of bits, and three sets of that many.
struct FdSets {
    int32_t count = 0;
    std::array<uint8_t*, 3> kernel{};
};

// One T that the call's own code loads or stores.
template <class T, Direction D>
struct GuestAt {
    wasm::GuestPtr<T> at;
    explicit operator bool() const { return static_cast<bool>(at); }
};
template <class T>
using InAt = GuestAt<T, Direction::In>;
template <class T>
using OutAt = GuestAt<T, Direction::Out>;
template <class T>
using InOutAt = GuestAt<T, Direction::InOut>;

// Several T that the call's own code loads or stores.
template <class T, Direction D>
struct GuestArray {
    wasm::GuestPtr<T> at;
    uint32_t count = 0;
};
template <class T>
using ArrayInAt = GuestArray<T, Direction::In>;
template <class T>
using ArrayOutAt = GuestArray<T, Direction::Out>;
template <class T>
using ArrayInOutAt = GuestArray<T, Direction::InOut>;

// The value of a socket option, and its length.
struct OptionIn {
    wasm::GuestAddr at{};
    uint32_t length = 0;
};
struct OptionOut {
    wasm::GuestAddr at{};
    wasm::GuestPtr<uint32_t> length{};
};

// A number or an address, as the command before it says (ioctl).
struct CommandAddress {
    static constexpr std::string_view kName = "argument";
    wasm::GuestAddr at{};
};

// NULL-terminated arrays of addresses of strings.
struct ArgumentVector {
    static constexpr std::string_view kName = "arguments";
    wasm::GuestAddr at{};
};
struct EnvironmentVector {
    static constexpr std::string_view kName = "environment";
    wasm::GuestAddr at{};
};

struct GuestAddress {  // an address as such: mmap, futex words, handlers
    static constexpr std::string_view kName = "address";
    wasm::GuestAddr at{};
};

// ---- Kind<K>: decoding and kernel registers ------------------------------------------------------------------------

template <class K>
struct Kind;

template <class K>
concept Number = requires(K k) { k.value; };

template <Number K>
struct Kind<K> {
    using V = decltype(K::value);
    static constexpr KindInfo kInfo{K::kName, Direction::None, sizeof(V) == 8 ? "I" : "i"};
    static K decode(Args& a) {
        if constexpr (std::same_as<K, Fd> || std::same_as<K, DirFd>) {
            return {a.fd()};
        } else if constexpr (std::same_as<K, OpenFlags> || std::same_as<K, PipeFlags>) {
            return {host_open_flags(a.i32())};
        } else if constexpr (std::same_as<V, int32_t>) {
            return {a.i32()};
        } else if constexpr (std::same_as<V, uint32_t>) {
            return {a.size()};
        } else if constexpr (std::same_as<V, int64_t>) {
            return {a.i64()};
        } else {
            return {a.u64()};
        }
    }
    static long* put(long* r, K k) {
        *r = static_cast<long>(k.value);
        return r + 1;
    }
};

template <>
struct Kind<VarArg> {
    static constexpr KindInfo kInfo{VarArg::kName, Direction::None, "I"};
    static VarArg decode(Args& a) { return {static_cast<uint32_t>(a.i32())}; }
};

template <class T>
long register_of_pointer(T* p) {
    return static_cast<long>(reinterpret_cast<uintptr_t>(p));
}

template <class T, Direction D>
struct Kind<KernelPtr<T, D>> {
    static constexpr KindInfo kInfo{pointee_name<T>(), D, "i"};
    static KernelPtr<T, D> decode(Args& a) { return {reinterpret_cast<T*>(a.kernel_pointer(sizeof(T)))}; }
    static long* put(long* r, KernelPtr<T, D> k) {
        *r = register_of_pointer(k.kernel);
        return r + 1;
    }
};

template <class T, Direction D, class Count>
struct Kind<KernelArray<T, D, Count>> {
    static constexpr KindInfo kInfo{pointee_name<T>(), D, sizeof(Count) == 8 ? "iI" : "ii"};
    static KernelArray<T, D, Count> decode(Args& a) {
        const wasm::GuestAddr at = a.address();
        Count count;
        if constexpr (sizeof(Count) == 8) {
            count = a.u64();
        } else {
            count = a.size();
        }
        if constexpr (D == Direction::Out && std::same_as<T, uint8_t>) {
            count = static_cast<Count>(a.kernel_room(at, count));
        }
        return {reinterpret_cast<T*>(a.kernel_range(at, count, sizeof(T))), count, at};
    }
    static long* put(long* r, KernelArray<T, D, Count> k) {
        r[0] = register_of_pointer(k.kernel);
        r[1] = static_cast<long>(k.count);
        return r + 2;
    }
};

template <class T, Direction D>
struct Kind<KernelCounted<T, D>> {
    static constexpr KindInfo kInfo{pointee_name<T>(), D, "ii"};
    static KernelCounted<T, D> decode(Args& a) {
        const uint32_t count = a.size();
        return {count, reinterpret_cast<T*>(a.kernel_range(a.address(), count, sizeof(T)))};
    }
    static long* put(long* r, KernelCounted<T, D> k) {
        r[0] = static_cast<long>(k.count);
        r[1] = register_of_pointer(k.kernel);
        return r + 2;
    }
};

template <class K>
concept KernelString = std::same_as<K, Path> || std::same_as<K, String>;
template <KernelString K>
struct Kind<K> {
    static constexpr KindInfo kInfo{K::kName, Direction::In, "i"};
    static K decode(Args& a) {
        const wasm::GuestAddr at = a.address();
        return {a.kernel_string(at), at};
    }
    static long* put(long* r, K k) {
        *r = register_of_pointer(k.kernel);
        return r + 1;
    }
};

template <>
struct Kind<SockAddrIn> {
    static constexpr KindInfo kInfo{"sockaddr", Direction::In, "ii"};
    static SockAddrIn decode(Args& a) {
        const wasm::GuestAddr at = a.address();
        const uint32_t length = a.size();
        return {reinterpret_cast<const uint8_t*>(a.kernel_range(at, length, 1)), length};
    }
    static long* put(long* r, SockAddrIn k) {
        r[0] = register_of_pointer(k.kernel);
        r[1] = static_cast<long>(k.length);
        return r + 2;
    }
};
template <>
struct Kind<SockAddrOut> {
    static constexpr size_t kLongest = 128;  // the kernel never writes more than a sockaddr_storage
    static constexpr KindInfo kInfo{"sockaddr", Direction::Out, "ii"};
    static SockAddrOut decode(Args& a) {
        const wasm::GuestAddr at = a.address();
        return {reinterpret_cast<uint8_t*>(a.kernel_range(at, kLongest, 1)),
                reinterpret_cast<uint32_t*>(a.kernel_pointer(sizeof(uint32_t)))};
    }
    static long* put(long* r, SockAddrOut k) {
        r[0] = register_of_pointer(k.kernel);
        r[1] = register_of_pointer(k.length);
        return r + 2;
    }
};

template <>
struct Kind<FdSets> {
    static constexpr KindInfo kInfo{"fd_sets", Direction::InOut, "iiii"};
    static FdSets decode(Args& a) {
        FdSets sets{a.i32(), {}};
        const uint64_t words = sets.count > 0 ? (static_cast<uint64_t>(sets.count) + 63) / 64 : 0;
        for (auto& set : sets.kernel) set = reinterpret_cast<uint8_t*>(a.kernel_range(a.address(), words, 8));
        return sets;
    }
    static long* put(long* r, FdSets k) {
        *r++ = k.count;
        for (uint8_t* set : k.kernel) *r++ = register_of_pointer(set);
        return r;
    }
};

template <class T, Direction D>
struct Kind<GuestAt<T, D>> {
    static constexpr KindInfo kInfo{pointee_name<T>(), D, "i"};
    static GuestAt<T, D> decode(Args& a) { return {{a.address()}}; }
};
template <class T, Direction D>
struct Kind<GuestArray<T, D>> {
    static constexpr KindInfo kInfo{pointee_name<T>(), D, "ii"};
    static GuestArray<T, D> decode(Args& a) {
        const wasm::GuestAddr at = a.address();
        return {{at}, a.size()};
    }
};

template <>
struct Kind<OptionIn> {
    static constexpr KindInfo kInfo{"option value", Direction::In, "ii"};
    static OptionIn decode(Args& a) {
        const wasm::GuestAddr at = a.address();
        return {at, a.size()};
    }
};
template <>
struct Kind<OptionOut> {
    static constexpr KindInfo kInfo{"option value", Direction::Out, "ii"};
    static OptionOut decode(Args& a) {
        const wasm::GuestAddr at = a.address();
        return {at, {a.address()}};
    }
};

template <class K>
concept StringVectorKind = std::same_as<K, ArgumentVector> || std::same_as<K, EnvironmentVector>;
template <StringVectorKind K>
struct Kind<K> {
    static constexpr KindInfo kInfo{K::kName, Direction::In, "i"};
    static K decode(Args& a) { return {a.address()}; }
};

template <class K>
concept PlainAddress = std::same_as<K, GuestAddress> || std::same_as<K, CommandAddress>;
template <PlainAddress K>
struct Kind<K> {
    static constexpr KindInfo kInfo{K::kName, Direction::None, "i"};
    static K decode(Args& a) { return {a.address()}; }
};

}  // namespace wali
