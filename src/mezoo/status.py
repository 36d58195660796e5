"""Which items failed and why, and which artifacts are damaged: `mezoo status`, `usable` and `verify`."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mezoo.artifact import Artifact
from mezoo.atomic import write_text
from mezoo.errors import ConfigError, DataError


@dataclass(frozen=True)
class Failure:
    """One failed artifact, and those to which its failure was passed on, in order."""

    dataset: str
    stage: str
    video: str
    reason: str
    path: Path
    followers: tuple[Path, ...] = ()

    @property
    def retry(self) -> str:
        """The command that tries again once the data are mended."""
        # all of them go: Snakemake does not make an absent file again while what follows it is there
        labels = self.path.parents[3] / "catalog" / self.dataset / "labels" / f"{self.video}.csv"
        remove = " ".join(map(str, (self.path, *self.followers, labels)))
        again = " ".join(map(str, (*(self.followers or (self.path,)), labels)))
        return f"rm -f {remove} && snakemake --cores all {again}"


def failures(root: str | Path) -> Iterator[Failure]:
    """Find the first failed artifact of each video below ``<root>/artifacts``.

    Later stages pass a failure on; it is told once, with the stage where it began.
    """
    for dataset in sorted(path for path in (Path(root) / "artifacts").glob("*") if path.is_dir()):
        found: dict[tuple[str, str], Failure] = {}
        stages = sorted((path for path in dataset.iterdir() if path.is_dir()), key=_depth)
        for stage in stages:
            for path in sorted(stage.glob("*.h5")):
                reason = _reason(path)
                if reason:
                    own = Failure(dataset.name, stage.name, path.stem, reason, path)
                    first = found.setdefault((path.stem, reason), own)
                    if first is not own:
                        found[path.stem, reason] = replace(first, followers=(*first.followers, path))
        yield from found.values()


_ORDER = ("faces", "flow_pair", "flow_onset", "flow_apex", "mdmo", "spot_images")


def _depth(stage: Path) -> tuple[int, str]:
    name = stage.name.split("-")[0]
    return (_ORDER.index(name) if name in _ORDER else len(_ORDER)), stage.name


def _reason(path: Path) -> str:
    try:
        with Artifact(path) as artifact:
            return artifact.reason
    except DataError as error:
        return str(error)


def usable(artifacts: Sequence[Path], out: str | Path, *, max_failed_share: float) -> None:
    """Write one row per video: usable or not, and why; stop the run when too many failed.

    Parameters
    ----------
    artifacts : sequence of Path
        Artifacts of the last stage, one per video of the corpus.
    out : Path
        CSV with the columns video, status, reason.
    max_failed_share : float

    Raises
    ------
    ConfigError
        More than `max_failed_share` of the videos failed.
    """
    reasons = {path.stem: _reason(path) for path in artifacts}
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["video", "status", "reason"])
    rows.writerows([video, "failed" if reason else "ok", reason] for video, reason in reasons.items())
    check_failed_share([video for video, reason in reasons.items() if reason], len(reasons), max_failed_share)
    write_text(out, text.getvalue())


def check_failed_share(failed: Sequence[str], n_videos: int, max_failed_share: float) -> None:
    """Raise `ConfigError` when more than the allowed share of videos failed, or all of them did."""
    if len(failed) <= max_failed_share * n_videos and len(failed) < n_videos:
        return
    raise ConfigError(
        f"{len(failed)} of {n_videos} videos failed ({', '.join(failed[:5])}{' ...' * (len(failed) > 5)})",
        f"at most {max_failed_share:.0%}",
        "Run `mezoo status` for the reasons; mend the data or raise max_failed_share in config.yaml",
    )


def verify(paths: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    """Read every byte of artifacts; yield each path with what is wrong, empty when nothing is."""
    for path in paths:
        try:
            with Artifact(path) as artifact:
                artifact.verify()
            yield path, ""
        except DataError as error:
            yield path, str(error)


def describe(path: str | Path) -> list[str]:
    """Lines that tell what an artifact holds: attributes, then datasets with shape, type and axes."""
    with Artifact(path) as artifact:
        lines = [
            f"{path}: stage {artifact.stage} (version {artifact.stage_version}), {artifact.status}"
            + (f": {artifact.reason}" if artifact.reason else ""),
            f"  written by mezoo {artifact.mezoo_version}",
            f"  params  {artifact.params}",
            f"  inputs  {artifact.inputs}",
        ]
        lines += [f"  {key}  {str(value)[:200]}" for key, value in sorted(artifact.attrs.items())]
        for name in artifact.names():
            data = artifact[name]
            lines.append(
                f"  /{name}  {data.dtype} {data.shape}  axes {data.attrs.get('axes', '')}"
                f"  {data.attrs.get('units', '')}".rstrip()
            )
    return lines
