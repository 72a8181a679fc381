// SPDX-License-Identifier: Apache-2.0
// Does nothing: what remains is starting and ending.
int main(void) {
    return 0;
}
