"""Names the demo corpora borrow from CAS(ME)^2 and SAMM Long Videos: subjects, film codes, folders."""

from __future__ import annotations

# Participant folders of CAS(ME)^2 in the order of their index, subject ids of SAMM Long Videos.
CASME_SQ_SUBJECTS = [f"s{n}" for n in (15, 16, 19, 20, 21, 22, 23, 24, 25, 26, 27, 29, 30)] + [
    f"s{n}" for n in (31, 32, 33, 34, 35, 36, 37, 38, 40)
]
SAMM_LV_SUBJECTS = [f"{n:03d}" for n in (*range(6, 27), 28, *range(30, 38))]

# Video code -> (folder suffix, clip name, usual mood) of CAS(ME)^2; disgust, anger and happiness films.
STIMULI = {
    "0101": ("disgustingteeth", "disgust1"),
    "0502": ("funnyerrors", "happy1"),
    "0401": ("girlcrashing", "anger1"),
    "0503": ("unnyfarting", "happy2"),
    "0102": ("eatingworms", "disgust2"),
    "0505": ("funnyinnovations", "happy3"),
    "0402": ("beatingpregnantwoman", "anger2"),
    "0507": ("climbingthewall", "happy4"),
    "0508": ("funnydunkey", "happy5"),
}


def stimuli(person: int, videos_each: int, *, owner_of_copy: bool) -> list[str]:
    """Choose the CAS(ME)^2 film codes of one subject.

    The first subject also has film 0508, where nothing is annotated, and the second has one film more.  The subject
    whose folder is misplaced must have film 0502.
    """
    films = [code for code in STIMULI if code != "0508"]
    count = videos_each + (person == 1)
    codes = [films[(person + 3 * k) % len(films)] for k in range(count)]
    if owner_of_copy and "0502" not in codes:
        codes[0] = "0502"
    return codes + ["0508"] * (person == 0)


def inducements(person: int, videos_each: int) -> list[str]:
    """Choose the SAMM inducement codes (1 to 7) of one subject; the first subject has one quiet video more."""
    return [str((3 * person + 2 * k) % 7 + 1) for k in range(videos_each + (person == 0))]
