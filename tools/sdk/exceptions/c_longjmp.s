# SPDX-License-Identifier: Apache-2.0
# The tag of longjmp: a pointer to what longjmp was called with.
	.globl	__c_longjmp
	.tagtype	__c_longjmp i32
__c_longjmp:
