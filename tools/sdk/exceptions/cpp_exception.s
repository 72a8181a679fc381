# SPDX-License-Identifier: Apache-2.0
# The tag of C++ exceptions: a pointer to the exception. The compiler (since 20) expects a library to have it.
	.globl	__cpp_exception
	.tagtype	__cpp_exception i32
__cpp_exception:
