// SPDX-License-Identifier: Apache-2.0
// Rust without any library of its own, for the compiler's target wasm32-wali-linux-musl and for the SDK's: what the
// target says of itself, and calls into the C library, whose long has 64 bits. Linked by wali-cc.
#![feature(no_core, lang_items)]
#![allow(internal_features)]
#![no_core]
#![no_main]

#[lang = "pointee_sized"]
pub trait PointeeSized {}
#[lang = "meta_sized"]
pub trait MetaSized: PointeeSized {}
#[lang = "sized"]
pub trait Sized: MetaSized {}
#[lang = "copy"]
pub trait Copy {}
#[lang = "sync"]
pub trait Sync {}
impl Copy for i32 {}
impl Copy for i64 {}
impl<T: PointeeSized> Copy for *const T {}

type CLong = i64;

unsafe extern "C" {
    fn printf(format: *const u8, ...) -> i32;
    fn labs(number: CLong) -> CLong;
    fn strtol(text: *const u8, end: *const *const u8, base: i32) -> CLong;
}

// If the target is another, this is not there, and nothing compiles.
#[cfg(all(unix, target_family = "unix", target_family = "wasm", target_os = "linux", target_env = "musl"))]
#[cfg(all(target_arch = "wasm32", target_pointer_width = "32", target_endian = "little", target_has_atomic = "64"))]
#[unsafe(no_mangle)]
extern "C" fn __main_argc_argv(argc: i32, argv: *const *const u8) -> i32 {
    let format = "%d arguments, %s, %ld %ld\n\0" as *const str as *const u8;
    let number = "-9223372036854775807\0" as *const str as *const u8;
    unsafe {
        let big = strtol(number, 0i32 as *const *const u8, 10i32);
        printf(format, argc, *argv, big, labs(big));
    }
    5i32
}
