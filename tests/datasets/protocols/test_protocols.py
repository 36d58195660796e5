"""Protocols on made catalogs: membership, labels, groups, official lists, and their words."""

from __future__ import annotations

import pytest
from datasets.protocols.catalogs import catalog_of, made_catalog

from mezoo.datasets.protocols import PROTOCOLS, compare, explain, get, overview
from mezoo.datasets.protocols.protocol import sample_key
from mezoo.errors import ConfigError

LABELLED = [protocol for protocol in PROTOCOLS.values() if protocol.parts]


def words_of(part, expected):
    """One word of the sheet per label, with the expected count."""
    word = {label: word for word, label in part.labels.items()}
    return {word[label]: count for label, count in expected.counts.items()}


def of_part(protocol, part):
    return next((e for e in protocol.expected if e.corpus == part.corpus), protocol.expected[0])


@pytest.mark.parametrize("protocol", LABELLED, ids=lambda protocol: protocol.name)
def test_a_made_corpus_of_the_published_size(protocol):
    """A catalog with the expected words, plus one of an unknown word, gives the expected counts."""
    catalogs = {}
    for part in protocol.parts:
        expected = of_part(protocol, part)
        counts = words_of(part, expected) | {"an unknown word": 3}
        catalogs[part.corpus] = made_catalog(
            part.corpus,
            part.column,
            counts,
            expected.subjects,
            f"{part.subjects}{{:02d}}" if part.subjects else None,
        )
    members = protocol.members(catalogs)
    assert [m for _, m, _ in compare(members, protocol.expected[0], protocol.classes)] == [
        wanted for _, _, wanted in compare(members, protocol.expected[0], protocol.classes)
    ]
    n_groups = protocol.expected[0].subjects if protocol.held_out == "subject" else len(protocol.parts)
    assert members["group"].nunique() == n_groups
    assert tuple(members.columns) == ("dataset", "video", "subject", "event", "label", "group")


@pytest.mark.parametrize("protocol", LABELLED, ids=lambda protocol: protocol.name)
def test_parts_add_up_and_labels_are_the_classes(protocol):
    whole = protocol.expected[0]
    assert all(set(part.labels.values()) <= set(protocol.classes) for part in protocol.parts)
    parts = {e.corpus: e for e in reversed(protocol.expected) if e.corpus}
    if parts:
        assert sum(e.n for e in parts.values()) == whole.n
        assert sum(e.subjects for e in parts.values()) == whole.subjects


def test_left_out_clips_and_macro_expressions():
    rows = [
        ("sub04", "sub04_EP12_01f", "micro", "disgust", ""),
        ("sub04", "sub04_EP12_02f", "micro", "Disgust ", ""),
        ("sub24", "sub24_EP07_01", "micro", "surprise", ""),
        ("sub01", "sub01_EP01_01", "micro", "fear", ""),
        ("sub01", "sub01_EP01_02", "macro", "happiness", ""),
    ]
    catalogs = {"casme2": catalog_of("casme2", rows), "samm": catalog_of("samm", []),
                "smic": catalog_of("smic", [])}  # fmt: skip
    assert get("megc2019_cde").members(catalogs)["event"].tolist() == ["sub04_EP12_02f"]


def test_parts_of_a_corpus_are_told_by_their_subjects():
    rows = [("spNO.1", "spNO.1_a_5", "micro", "surprise", ""), ("C01", "C01_a_5", "micro", "surprise", "")]
    catalogs = {"casme3": catalog_of("casme3", rows)}
    assert get("casme3_7class").members(catalogs)["subject"].tolist() == ["spNO.1"]
    assert get("casme3_c_4class").members(catalogs)["subject"].tolist() == ["C01"]


def test_objective_classes_in_both_writings():
    rows = [
        ("006", f"006_1_{i}", "micro", "", word) for i, word in enumerate(("1", "III", "v", "6", "VIII", ""))
    ]
    labels = get("samm_objective").members({"samm": catalog_of("samm", rows)})["label"]
    assert labels.tolist() == ["I", "III", "V"]


@pytest.mark.parametrize(
    ("subject", "clip", "key"),
    [
        ("sub02", "EP02_01f", ("2", "ep2_1f")),
        ("sub02", "sub02_EP02_01f", ("2", "ep2_1f")),
        ("6", "006_1_2", ("6", "1_2")),
        ("006", "006_1_2", ("6", "1_2")),
        ("s01", "s1_ne_01", ("1", "ne_1")),
        ("s1", "ne_01", ("1", "ne_1")),
        ("037", "037_4_10", ("37", "4_10")),
        ("spNO.14", "spNO.14_j_355", ("14", "j_355")),
    ],
)
def test_padding_and_prefixes_do_not_matter(subject, clip, key):
    assert sample_key(subject, clip) == key


class TestOfficialList:
    @pytest.fixture
    def catalogs(self):
        return {
            "casme2": catalog_of("casme2", [("sub01", "sub01_EP02_01f", "micro", "others", "")]),
            "samm": catalog_of("samm", [("006", "006_1_2", "micro", "Anger", "")]),
            "smic": catalog_of("smic", [("s01", "s01_ne_01", "micro", "negative", "")]),
        }

    def join(self, catalogs, tmp_path, text):
        path = tmp_path / "list.csv"
        path.write_bytes(text.encode())
        return get("megc2019_cde").members(catalogs, official=path)

    def test_the_list_tells_members_and_labels(self, catalogs, tmp_path):
        text = "casme2,sub01,EP02_01f,1\r\n,,,\r\nsamm,6,006_1_2,0\r\nsmic,s1,s01_ne_01,2\r\n"
        members = self.join(catalogs, tmp_path, text)
        assert members["label"].tolist() == ["positive", "negative", "surprise"]
        assert members["group"].tolist() == ["casme2/sub01", "samm/006", "smic/s01"]

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("samm,6,006_9_9,0\n", "1 samples of the list are in no catalog"),
            ("samm,6,006_1_2,3\n", "row 1 is"),
            ("samm,6,006_1_2\n", "row 1 is"),
            ("fer,6,006_1_2,0\n", "row 1 is"),
            ("samm,6,006_1_2,0\nsamm,006,006_1_2,0\n", "row 2 is .* once more"),
        ],
    )
    def test_faults_are_told(self, catalogs, tmp_path, text, message):
        with pytest.raises(ConfigError, match=message):
            self.join(catalogs, tmp_path, text)

    def test_absent_list_and_protocol_without_one(self, catalogs, tmp_path):
        with pytest.raises(ConfigError, match="cannot be read"):
            get("megc2019_cde").members(catalogs, official=tmp_path / "none.csv")
        with pytest.raises(ConfigError, match="no official list"):
            get("samm_5class").members(catalogs, official=tmp_path / "none.csv")


def test_missing_catalog_unknown_name_and_hidden_labels():
    with pytest.raises(ConfigError, match="no catalog of samm"):
        get("samm_5class").members({})
    with pytest.raises(ConfigError, match="casme2_5class"):
        get("casme2_6class")
    with pytest.raises(ConfigError, match="not public"):
        get("megc2022_spotting").members({})


@pytest.mark.parametrize("protocol", PROTOCOLS.values(), ids=PROTOCOLS)
def test_explanation_tells_rule_counts_and_reasons(protocol):
    text = " ".join(explain(protocol).split())
    assert " ".join(protocol.rule.split()) in text
    for expected in protocol.expected:
        assert f"{expected.n} samples, {expected.subjects} subjects" in text
    for item in protocol.disagreements:
        assert item.why in text


def test_known_numbers_are_explained():
    text = " ".join(explain(get("casme2_5class")).split())
    assert all(number in text for number in ("246", "249", "247", "EP02_07"))
    assert all(n in explain(get("megc2018_cde")) for n in ("185", "174", "253"))
    assert "136" in explain(get("samm_5class")) and "145" in explain(get("megc2019_cde"))
    assert set(overview(PROTOCOLS).split()) >= set(PROTOCOLS)
