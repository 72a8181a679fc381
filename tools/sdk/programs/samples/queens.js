// SPDX-License-Identifier: Apache-2.0
// Solutions of the eight queens problem: how many, and the first as a board.
function place(row, columns, size, found) {
    if (row === size) {
        found.push(columns.slice());
        return;
    }
    for (var c = 0; c < size; c++) {
        var free = columns.every(function (other, r) { return other !== c && Math.abs(other - c) !== row - r; });
        if (free) place(row + 1, columns.concat(c), size, found);
    }
}
var found = [];
place(0, [], 8, found);
print(found.length + ' solutions; the first:');
found[0].forEach(function (c) { print('........'.substr(0, c) + 'Q' + '........'.substr(c + 1)); });
