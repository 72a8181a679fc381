# SPDX-License-Identifier: Apache-2.0
# Where a new thread begins: (tid, struct thread_start *). Its globals are fresh, so __stack_pointer is still the first
# thread's; nothing compiled may run before it is set.
	.globaltype	__stack_pointer, i32
	.functype	__wasm_init_tls (i32) -> ()
	.functype	__wali_thread_main (i32, i32) -> ()

	.globl	__wasm_thread_start_libc
	.type	__wasm_thread_start_libc,@function
	.export_name	__wasm_thread_start_libc, __wasm_thread_start_libc
__wasm_thread_start_libc:
	.functype	__wasm_thread_start_libc (i32, i32) -> ()
	local.get	1
	i32.load	0
	global.set	__stack_pointer
	local.get	1
	i32.load	4
	call	__wasm_init_tls
	local.get	0
	local.get	1
	call	__wali_thread_main
	end_function
