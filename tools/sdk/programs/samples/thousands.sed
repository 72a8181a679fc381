# SPDX-License-Identifier: Apache-2.0
# Puts a dot before every third digit of a number, counted from its end.
:again
s/\([0-9]\)\([0-9]\{3\}\)\($\|[^0-9]\)/\1.\2\3/
t again
