"""Names of the native trees of CAS(ME)^2 and SAMM Long Videos, as their owners publish them."""

from __future__ import annotations

CASME_SQ_SUBJECTS = [f"s{n}" for n in (15, 16, *range(19, 28), *range(29, 39), 40)]
SAMM_LV_SUBJECTS = [f"{n:03d}" for n in (*range(6, 27), 28, *range(30, 38))]
# Film code -> suffix of its folder in CAS(ME)^2.
FILMS = {
    "0101": "disgustingteeth",
    "0102": "eatingworms",
    "0401": "girlcrashing",
    "0402": "beatingpregnantwoman",
    "0502": "funnyerrors",
    "0503": "unnyfarting",
    "0505": "funnyinnovations",
    "0507": "climbingthewall",
    "0508": "funnydunkey",
}
