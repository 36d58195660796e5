"""Frames by number from folders and files, faults named, and the H.264 round trip."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from mezoo.errors import DataError
from mezoo.video import index_frames, open_video, write_mp4

H, W = 48, 64


def level(number: int) -> int:
    return 20 + 2 * number


def frame(number: int) -> np.ndarray:
    """A frame whose grey level tells its number."""
    return np.full((H, W), level(number), np.uint8)


def folder_of(path: Path, names: dict[int, str]) -> Path:
    path.mkdir()
    for number, name in names.items():
        cv2.imwrite(str(path / name), frame(number))
    return path


def read(source, *args, **kwargs) -> tuple[list[int], list[int]]:
    pairs = [(number, int(np.median(image))) for number, image in source.iter_frames(*args, **kwargs)]
    return [n for n, _ in pairs], [v for _, v in pairs]


def movie(path: Path, n: int, *, times: list[int] | None = None, **options) -> Path:
    """Write noise frames with PyAV directly, for what `write_mp4` does not offer."""
    rng = np.random.default_rng(0)
    with av.open(str(path), "w", **options) as container:
        stream = container.add_stream("mpeg4" if path.suffix == ".avi" else "libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        if times:
            stream.codec_context.time_base = Fraction(1, 1000)
        for i in range(n):
            image = av.VideoFrame.from_ndarray(rng.integers(0, 255, (120, 160), np.uint8), format="gray")
            if times:
                image.pts, image.time_base = times[i], Fraction(1, 1000)
            container.mux(stream.encode(image))
        container.mux(stream.encode(None))
    return path


class TestFolder:
    def test_unpadded_numbers_are_ordered_as_integers(self, tmp_path):
        folder = folder_of(tmp_path / "v", {10: "img10.png", 2: "img2.png", 1: "reg_img1.png"})
        assert list(index_frames(folder).items()) == [(1, "reg_img1.png"), (2, "img2.png"), (10, "img10.png")]

    def test_last_integer_of_the_stem_counts(self, tmp_path):
        for name in ("006_05562.JPG", "006_5563.jpeg"):
            (tmp_path / name).touch()
        assert list(index_frames(tmp_path)) == [5562, 5563]

    def test_other_files_are_ignored(self, tmp_path):
        folder = folder_of(tmp_path / "v", {1: "img1.bmp"})
        for name in (".DS_Store", "Thumbs.db", "._img1.bmp", "img2.txt", "notes.jpg"):
            (folder / name).write_bytes(b"x")
        assert list(index_frames(folder)) == [1]

    def test_two_files_of_one_number(self, tmp_path):
        folder = folder_of(tmp_path / "v", {1: "img1.png", 2: "img01.png"})
        with pytest.raises(DataError, match="frame 1 has two files"):
            index_frames(folder)

    def test_stride_keeps_every_eighth_number(self, tmp_path):
        source = open_video(folder_of(tmp_path / "v", {n: f"a_{n:04d}.png" for n in range(1, 26)}))
        numbers, values = read(source, stride=8)
        assert numbers == [1, 9, 17, 25] and values == [level(n) for n in numbers]
        assert (source.first, source.n_frames, source.fps) == (1, 25, None)

    def test_chosen_numbers(self, tmp_path):
        source = open_video(folder_of(tmp_path / "v", {n: f"img{n}.png" for n in range(46, 60)}))
        assert read(source, [47, 50, 59]) == ([47, 50, 59], [level(n) for n in (47, 50, 59)])

    def test_missing_frame_is_named_with_its_neighbours(self, tmp_path):
        source = open_video(folder_of(tmp_path / "v", {n: f"img{n}.png" for n in (55, 56, 58, 59)}))
        got = []
        with pytest.raises(DataError, match=r"frame 57 is missing \(56, 58 exist\)"):
            got.extend(n for n, _ in source.iter_frames())
        assert got == [55, 56] and source.missing == {57} and source.n_frames == 5

    def test_missing_frame_held(self, tmp_path):
        folder = folder_of(tmp_path / "v", {n: f"img{n}.png" for n in (55, 56, 59)})
        source = open_video(folder, missing_frames="hold")
        assert read(source) == ([55, 56, 57, 58, 59], [level(n) for n in (55, 56, 56, 56, 59)])

    @pytest.mark.parametrize("policy", ["fail", "hold"])
    def test_number_outside_the_folder(self, tmp_path, policy):
        source = open_video(folder_of(tmp_path / "v", {1: "1.png", 2: "2.png"}), missing_frames=policy)
        with pytest.raises(DataError, match=r"frame 3 is missing \(2 exists\)"):
            read(source, [2, 3])

    def test_empty_folder(self, tmp_path):
        (tmp_path / "v").mkdir()
        with pytest.raises(DataError, match="holds no frame"):
            open_video(tmp_path / "v")

    @pytest.mark.parametrize("suffix", ["jpg", "png", "bmp"])
    @pytest.mark.parametrize("share", [0.0, 0.6, 0.97])
    def test_damaged_image_is_named(self, tmp_path, suffix, share):
        folder = tmp_path / "v"
        folder.mkdir()
        noise = np.random.default_rng(0).integers(0, 255, (H, W), np.uint8)
        for n in (1, 2):
            cv2.imwrite(str(folder / f"img{n}.{suffix}"), noise)
        whole = (folder / f"img2.{suffix}").read_bytes()
        (folder / f"img2.{suffix}").write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(DataError, match=rf"frame 2 cannot be decoded .*img2\.{suffix}"):
            read(open_video(folder))

    def test_size_change(self, tmp_path):
        folder = folder_of(tmp_path / "v", {1: "1.png"})
        cv2.imwrite(str(folder / "2.png"), np.zeros((H, W + 2), np.uint8))
        with pytest.raises(DataError, match="frame 2 has 66x48 pixels, those before it 64x48"):
            read(open_video(folder))

    def test_colour_is_rgb_and_grey_its_luma(self, tmp_path):
        folder = tmp_path / "v"
        folder.mkdir()
        cv2.imwrite(str(folder / "1.png"), np.full((H, W, 3), (0, 0, 200), np.uint8))  # BGR: red
        ((_, colour),) = open_video(folder).iter_frames(gray=False)
        ((_, grey),) = open_video(folder).iter_frames()
        assert colour.shape == (H, W, 3) and tuple(colour[0, 0]) == (200, 0, 0)
        assert grey.shape == (H, W) and abs(int(grey[0, 0]) - 0.299 * 200) <= 1


class TestFile:
    def test_absent(self, tmp_path):
        with pytest.raises(DataError, match="cannot be opened"):
            open_video(tmp_path / "no.mp4")

    @pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.avi"])
    def test_whole_file_in_any_container(self, tmp_path, name):
        source = open_video(movie(tmp_path / name, 30))
        assert read(source)[0] == list(range(1, 31))
        assert source.fps == 25 and source.n_frames in (30, None) and not source.variable_fps

    @pytest.mark.parametrize("name", ["a.mkv", "a.avi"])
    def test_truncated_tells_how_many_frames(self, tmp_path, name):
        path = movie(tmp_path / name, 60)
        path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
        got = []
        with pytest.raises(DataError, match=r"decoded \d+ of 60 frames") as error:
            got.extend(n for n, _ in open_video(path).iter_frames())
        assert got == list(range(1, len(got) + 1)) and 20 < len(got) < 45
        assert f"decoded {len(got)} of" in str(error.value)

    def test_truncated_mp4_with_its_index_in_front(self, tmp_path):
        path = movie(tmp_path / "a.mp4", 60, options={"movflags": "faststart"})
        path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
        with pytest.raises(DataError, match=r"decoded \d+ of 60 frames"):
            read(open_video(path))

    def test_truncated_mp4_without_index(self, tmp_path):
        path = movie(tmp_path / "a.mp4", 60)
        path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
        with pytest.raises(DataError, match="cannot be opened"):
            open_video(path)

    @pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
    def test_variable_frame_rate_is_reported(self, tmp_path, name):
        times = np.cumsum(np.random.default_rng(1).choice([20, 40, 100], 40)).tolist()
        source = open_video(movie(tmp_path / name, 40, times=times))
        assert read(source)[0] == list(range(1, 41)) and source.variable_fps

    def test_number_beyond_the_end(self, tmp_path):
        with pytest.raises(DataError, match="frame 31 is beyond the end"):
            read(open_video(movie(tmp_path / "a.mp4", 30)), [5, 31])

    @pytest.mark.parametrize(("clockwise", "k"), [(90, -1), (180, 2), (270, 1)])
    def test_rotation_flag_turns_the_frames_upright(self, tmp_path, clockwise, k):
        picture = np.zeros((H, W), np.uint8)
        picture[: H // 2, : W // 2] = 200  # one bright corner tells the orientation
        path = tmp_path / "a.mp4"
        with write_mp4(path, fps=25, size=(H, W)) as append:
            for _ in range(3):
                append(picture)
        flag_rotation(path, clockwise)
        for _, turned in open_video(path).iter_frames():
            np.testing.assert_allclose(turned, np.rot90(picture, k), atol=12)


def flag_rotation(path: Path, clockwise: int) -> None:
    """Write a rotation into the track header of an mp4 (ISO 14496-12, tkhd: 9 words from byte 40)."""
    cos, sin = {90: (0, 1), 180: (-1, 0), 270: (0, -1)}[clockwise]
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 4 + 40
    words = np.array([cos, sin, 0, -sin, cos, 0], np.int64) * 65536
    data[at : at + 24] = words.astype(">i4").tobytes()
    path.write_bytes(data)


class TestWriteMp4:
    def test_round_trip(self, tmp_path):
        path = tmp_path / "sub" / "a.mp4"
        with write_mp4(path, fps=24000 / 1001, size=(H, W)) as append:
            for n in range(1, 61):
                append(frame(n))
        source = open_video(path)
        numbers, values = read(source)
        assert numbers == list(range(1, 61)) and source.fps == pytest.approx(23.976, abs=1e-3)
        assert np.abs(np.array(values) - [level(n) for n in numbers]).max() <= 2
        assert read(source, stride=8)[0] == [1, 9, 17, 25, 33, 41, 49, 57]
        assert read(source, [3, 4, 50])[0] == [3, 4, 50]

    def test_odd_size_is_padded(self, tmp_path):
        with write_mp4(tmp_path / "a.mp4", fps=25, size=(H - 1, W - 1)) as append:
            append(frame(1)[1:, 1:])
        ((_, image),) = open_video(tmp_path / "a.mp4").iter_frames()
        assert image.shape == (H, W) and np.abs(image.astype(int) - level(1)).max() <= 2

    def test_colour(self, tmp_path):
        with write_mp4(tmp_path / "a.mp4", fps=25, size=(H, W)) as append:
            append(np.full((H, W, 3), (200, 40, 90), np.uint8))
        ((_, image),) = open_video(tmp_path / "a.mp4").iter_frames(gray=False)
        np.testing.assert_allclose(image.mean((0, 1)), (200, 40, 90), atol=4)

    def test_an_interrupted_write_leaves_nothing(self, tmp_path):
        with pytest.raises(ValueError, match="in a video of"):
            with write_mp4(tmp_path / "a.mp4", fps=25, size=(H, W)) as append:
                append(frame(1))
                append(frame(1)[1:])
        assert list(tmp_path.iterdir()) == []
