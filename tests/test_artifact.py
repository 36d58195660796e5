"""The artifact contract: whole or absent, checked on every read."""

from __future__ import annotations

import numpy as np
import pytest

from mezoo.artifact import Artifact, ArtifactWriter, digest
from mezoo.errors import ConfigError, DataError

RNG = np.random.default_rng(0)
FRAMES = RNG.integers(0, 255, (40, 24, 31), dtype=np.uint8)


def write(path, **attrs):
    with ArtifactWriter(path, stage="faces", params={"margin": 0.2}, inputs={"video": "abc"}) as writer:
        stream = writer.stream("frames", shape=(24, 31), dtype="uint8", axes="(T, H, W)", units="grey level")
        stream.append(FRAMES[0])
        stream.extend(FRAMES[1:])
        writer.write("box", np.array([1, 2, 3, 4], np.int32), axes="(left, top, right, bottom)", units="px")
        writer.write("nothing", np.zeros((0, 2), np.float32), axes="(N, 2)")
        writer.attrs.update(attrs)


def test_round_trip(tmp_path):
    write(tmp_path / "a.h5", detector="hog", extra={"k": [1, 2]})
    with Artifact(tmp_path / "a.h5") as artifact:
        assert artifact.ok and artifact.stage == "faces" and artifact.params == {"margin": 0.2}
        assert artifact.inputs == {"video": "abc"} and artifact.attrs["detector"] == "hog"
        assert np.array_equal(artifact["frames"][:], FRAMES)
        assert artifact["frames"].attrs["units"] == "grey level" and artifact["box"][2] == 3
        assert artifact.names() == ["box", "frames", "nothing"]
        artifact.verify()


def test_same_content_same_bytes(tmp_path):
    write(tmp_path / "a.h5")
    write(tmp_path / "b.h5")
    assert digest(tmp_path / "a.h5") == digest(tmp_path / "b.h5")


def test_an_exception_leaves_no_file(tmp_path):
    with pytest.raises(ZeroDivisionError):
        with ArtifactWriter(tmp_path / "a.h5", stage="faces", params={}, inputs={}) as writer:
            writer.write("box", np.zeros(4), axes="")
            raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_every_flipped_bit_is_noticed_or_harmless(tmp_path):
    """Flip one bit at many places: reading gives the same numbers or an error naming the file."""
    path = tmp_path / "a.h5"
    write(path)
    clean = path.read_bytes()
    caught = 0
    for position in RNG.integers(0, len(clean), 150):
        data = bytearray(clean)
        data[position] ^= 1 << int(position % 8)
        path.write_bytes(bytes(data))
        try:
            with Artifact(path) as artifact:
                artifact.verify()
                same = np.array_equal(artifact["frames"][:], FRAMES) and artifact.params == {"margin": 0.2}
            assert same, f"bit at byte {position} changed numbers silently"
        except DataError as error:
            caught += 1
            assert "a.h5" in str(error)
    assert caught > 100


def test_a_flipped_bit_in_a_frame_names_the_dataset(tmp_path):
    path = tmp_path / "a.h5"
    write(path)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    with Artifact(path) as artifact, pytest.raises(DataError, match="'/?frames'.*a.h5"):
        artifact.verify()


def test_a_truncated_file_is_an_error(tmp_path):
    path = tmp_path / "a.h5"
    write(path)
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(DataError, match="a.h5"):
        Artifact(path)


def test_stream_refuses_other_shapes(tmp_path):
    with pytest.raises(ValueError, match="shape"):
        with ArtifactWriter(tmp_path / "a.h5", stage="faces", params={}, inputs={}) as writer:
            writer.stream("frames", shape=(2, 2), dtype="uint8", axes="").append(np.zeros((3, 2)))


def test_what_a_killed_writer_left_is_removed(tmp_path):
    (tmp_path / ".a.h5.x1.part").write_bytes(b"half")
    (tmp_path / ".b.h5.x1.part").write_bytes(b"of another file")
    write(tmp_path / "a.h5")
    assert {path.name for path in tmp_path.iterdir()} == {"a.h5", ".b.h5.x1.part"}


def test_errors_survive_a_process_boundary():
    import pickle

    error = pickle.loads(pickle.dumps(ConfigError("a", "b", "c", item="i", file="f")))
    assert str(error) == "i: a. Expected b. c. [f]"
