"""Taking weights over: what is copied, what is not, files of other origin."""

from __future__ import annotations

import pytest
import torch

from mezoo.artifact import ArtifactWriter
from mezoo.errors import ConfigError
from mezoo.learning.pretrained import grey_first_layer, load_pretrained, write_pretrained
from mezoo.models import create


def network(name="macro2micro", *, seed=0, **options):
    torch.manual_seed(seed)
    return create(name, **{"width": 4, **options})


def save(path, state):
    torch.save(state, path)
    return path


@pytest.fixture
def artifact(tmp_path):
    """Weights of a trained network with 7 classes: (path, its state)."""
    trained = network(seed=1, n_classes=7)
    trained.train()(torch.rand(4, 1, 56, 56) * 255)  # moves the running statistics
    with ArtifactWriter(tmp_path / "w.h5", stage="pretrained", params={}, inputs={}) as writer:
        write_pretrained(writer, trained.state_dict(), head=["classifier.weight", "classifier.bias"])
    return tmp_path / "w.h5", trained.state_dict()


@pytest.mark.parametrize("n_classes", [3, 7])
def test_everything_but_the_classifier_is_copied(artifact, n_classes):
    path, given = artifact
    fresh = network(n_classes=n_classes)
    before = {name: value.clone() for name, value in fresh.state_dict().items()}
    assert load_pretrained(fresh, path) == ["classifier.weight", "classifier.bias"]
    for name, value in fresh.state_dict().items():
        expected = before if name.startswith("classifier") or not value.ndim else given
        assert torch.equal(value, expected[name]), name


def test_a_network_with_more_parts_is_told_what_is_new(artifact):
    path, given = artifact
    attentive = network("microattention")
    missing = load_pretrained(attentive, path)
    assert len(missing) == 2 + 8 and all("attention" in name or "classifier" in name for name in missing)
    fused = network("atnet", hidden=8)
    assert all(name.startswith(("time.", "classifier.")) for name in load_pretrained(fused, path))
    assert torch.equal(fused.backbone.conv1.weight, given["backbone.conv1.weight"])


def test_published_names_and_three_colours(tmp_path):
    """A released net for colour pictures: on grey ones its first layer gives the same after the conversion."""
    colour, grey = torch.nn.Conv2d(3, 4, 7, padding=3), torch.nn.Conv2d(1, 4, 7, padding=3)
    state = {"conv1.weight": colour.weight, "conv1.bias": colour.bias, "data_bn.running_mean": torch.zeros(3)}
    fresh = network()
    missing = load_pretrained(fresh, save(tmp_path / "imagenet.pt", {"state_dict": state}))
    assert "backbone.data_bn.running_mean" in missing and "backbone.conv1.weight" not in missing
    grey.weight.data, grey.bias.data = grey_first_layer(colour.weight), colour.bias
    image = torch.rand(1, 1, 9, 9)
    assert torch.allclose(grey(image), colour(image.expand(-1, 3, -1, -1)), atol=1e-5)
    assert torch.equal(fresh.backbone.conv1.weight, grey.weight)


def test_names_of_a_parallel_module(tmp_path, artifact):
    _, given = artifact
    path = save(tmp_path / "w.pt", {f"module.{name}": value for name, value in given.items()})
    assert load_pretrained(network(), path) == ["classifier.weight", "classifier.bias"]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (None, "absent"),
        ([1, 2], "holds a list"),
        ({"x": torch.zeros(2)}, "none of 1 tensors fits"),
        (b"text", "cannot be read"),
    ],
)
def test_other_files_are_refused(tmp_path, content, found):
    path = tmp_path / "w.pt"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        save(path, content)
    with pytest.raises(ConfigError, match=found):
        load_pretrained(network(), path)


def test_weights_of_another_width_do_not_fit(artifact):
    with pytest.raises(ConfigError, match="tensors fits"):
        load_pretrained(network(width=8).classifier, artifact[0])


def test_another_artifact_is_refused(tmp_path):
    with ArtifactWriter(tmp_path / "w.h5", stage="fit", params={}, inputs={}):
        pass
    with pytest.raises(ConfigError, match="stage 'fit'"):
        load_pretrained(network(), tmp_path / "w.h5")
