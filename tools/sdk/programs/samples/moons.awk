# Sorts what it counts, and prints a table.
BEGIN {
    split("Mars:2 Jupiter:95 Earth:1 Saturn:146 Neptune:16 Uranus:28", list, " ")
    for (i in list) {
        match(list[i], /^(\w+):([0-9]+)$/, part)
        moons[part[1]] = part[2] + 0
        total += part[2]
    }
    PROCINFO["sorted_in"] = "@val_num_desc"
    for (planet in moons)
        printf "%-8s %4d  %5.1f %%  %s\n", planet, moons[planet], 100 * moons[planet] / total, gensub(/([aeiou])/, "<\\1>", "g", planet)
    print total, "moons,", strftime("%F", 86400 * 365, 1)
}
