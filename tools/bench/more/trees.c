// SPDX-License-Identifier: Apache-2.0
// Binary trees made, walked and thrown away: recursion and the allocator.
#include "../kernels/kernel.h"

struct node {
    struct node *left, *right;
};
static struct node* make(int depth) {
    struct node* n = malloc(sizeof *n);
    n->left = depth > 0 ? make(depth - 1) : NULL;
    n->right = depth > 0 ? make(depth - 1) : NULL;
    return n;
}
static int count(const struct node* n) { return n == NULL ? 0 : 1 + count(n->left) + count(n->right); }
static void discard(struct node* n) {
    if (n == NULL) return;
    discard(n->left);
    discard(n->right);
    free(n);
}

int main(int argc, char** argv) {
    long trees = kernel_arg(argc, argv, 60);
    int sum = 0;
    for (long n = 0; n < trees; n++) {
        struct node* tree = make(14);
        sum += count(tree);
        discard(tree);
    }
    printf("trees %ld %d\n", trees, sum);
}
