# SPDX-License-Identifier: Apache-2.0
# Planets, grouped by whether they are heavier than the Earth.
[
    {name: "Mercury", mass: 0.055}, {name: "Venus", mass: 0.815}, {name: "Mars", mass: 0.107},
    {name: "Jupiter", mass: 317.8}, {name: "Saturn", mass: 95.2}, {name: "Uranus", mass: 14.5}, {name: "Neptune", mass: 17.1}
]
| group_by(.mass > 1)
| map({heavier: (.[0].mass > 1), names: map(.name), together: (map(.mass) | add)})
