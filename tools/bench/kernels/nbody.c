// SPDX-License-Identifier: Apache-2.0
// Planar solar-system simulation, symplectic Euler: f64 arithmetic + sqrt.
#include "kernel.h"

#include <math.h>
#define BODIES 5
struct body {
    double x, y, z, vx, vy, vz, m;
};
static struct body b[BODIES];
static void setup(void) {
    for (int i = 0; i < BODIES; i++) {
        double r = 1.0 + 3.7 * i, sgn = i & 1 ? -1 : 1;
        b[i] = (struct body){r, 0.4 * i, 0.05 * i * sgn, 0, i ? 6.2 / sqrt(r) * sgn : 0, 0.01 * i, i ? 0.01 / i : 39.0};
    }
}
static void step(double dt) {
    for (int i = 0; i < BODIES; i++)
        for (int j = i + 1; j < BODIES; j++) {
            double dx = b[i].x - b[j].x, dy = b[i].y - b[j].y, dz = b[i].z - b[j].z;
            double d2 = dx * dx + dy * dy + dz * dz;
            double mag = dt / (d2 * sqrt(d2));
            double mj = b[j].m * mag, mi = b[i].m * mag;
            b[i].vx -= dx * mj;
            b[i].vy -= dy * mj;
            b[i].vz -= dz * mj;
            b[j].vx += dx * mi;
            b[j].vy += dy * mi;
            b[j].vz += dz * mi;
        }
    for (int i = 0; i < BODIES; i++) {
        b[i].x += dt * b[i].vx;
        b[i].y += dt * b[i].vy;
        b[i].z += dt * b[i].vz;
    }
}
static double energy(void) {
    double e = 0;
    for (int i = 0; i < BODIES; i++) {
        e += 0.5 * b[i].m * (b[i].vx * b[i].vx + b[i].vy * b[i].vy + b[i].vz * b[i].vz);
        for (int j = i + 1; j < BODIES; j++) {
            double dx = b[i].x - b[j].x, dy = b[i].y - b[j].y, dz = b[i].z - b[j].z;
            e -= b[i].m * b[j].m / sqrt(dx * dx + dy * dy + dz * dz);
        }
    }
    return e;
}
int main(int argc, char** argv) {
    long n = kernel_arg(argc, argv, 1500000);
    setup();
    for (long i = 0; i < n; i++) step(0.001);
    printf("nbody %ld e=%.9f\n", n, energy());
}
