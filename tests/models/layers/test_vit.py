"""The vision transformer: the numbers of the official code, and what attention cannot see."""

from __future__ import annotations

import pytest
import torch
from published_weights import draw_state, input_rng, reference, relative_error

from mezoo.errors import ConfigError
from mezoo.models.layers.vit import (
    LAYOUTS,
    DropPath,
    ViT,
    ViTLayout,
    load_official,
    normalise_pixels,
    resize_positions,
)

TINY = ViTLayout(size=32, patch=8, dim=16, mlp_dim=24, n_heads=2, n_blocks=2)


def tiny(**options) -> ViT:
    torch.manual_seed(0)
    return ViT(TINY, **options)


def images(n: int = 3, size: int = 32) -> torch.Tensor:
    return torch.randn(n, 3, size, size, generator=torch.Generator().manual_seed(1))


@pytest.fixture(scope="module")
def official(shared):
    """Network with the drawn weights, its inputs, and the reference numbers."""
    keys, numbers = reference(shared, "slstt")
    network = ViT(ViTLayout(size=64, patch=16, dim=48, mlp_dim=96, n_heads=3, n_blocks=2)).eval()
    network.load_state_dict(load_official(draw_state(keys["vit_small"]), network.layout))
    given = torch.from_numpy(input_rng("vit").standard_normal((5, 3, 64, 64)).astype("float32"))
    assert relative_error(given[0], numbers["vit_input_first"]) == 0
    return network, given, numbers


@torch.no_grad()
def test_parity_of_every_step(official):
    network, given, numbers = official
    tokens = network.embed(given)
    assert relative_error(tokens, numbers["vit_embed"]) < 1e-4
    for k, block in enumerate(network.transformer.blocks):
        if k == 1:
            attention, normal = block.attn, block.norm1(tokens[:1])
            q, k_ = (
                layer(normal).reshape(17, 3, 16).transpose(0, 1)
                for layer in (attention.proj_q, attention.proj_k)
            )
            weights = torch.softmax(q @ k_.mT / 4, dim=-1)  # 4 = root of 48 / 3
            assert relative_error(weights, numbers["vit_attn1_image0"]) < 1e-4
        tokens = block(tokens)
        assert relative_error(tokens, numbers[f"vit_block{k}"]) < 1e-4
    assert relative_error(network(given), numbers["vit_class_token"]) < 1e-4


@pytest.mark.parametrize("side", [7, 3])
def test_parity_of_resized_positions(shared, side):
    numbers = reference(shared, "slstt")[1]
    resized = resize_positions(torch.from_numpy(numbers["posemb_in"]), side)
    assert relative_error(resized, numbers[f"posemb_5to{side}"]) < 1e-4


@pytest.mark.slow
@torch.no_grad()
def test_parity_at_full_size(shared):
    keys, numbers = reference(shared, "slstt")
    with torch.device("meta"):
        network = ViT(LAYOUTS["b16_384"])
    assert list(network.state_dict()) == [name for name in keys["vit_full"] if not name.startswith("fc.")]
    network.load_state_dict(load_official(draw_state(keys["vit_full"]), network.layout), assign=True)
    given = torch.from_numpy(input_rng("vit_full").standard_normal((1, 3, 384, 384)).astype("float32"))
    assert relative_error(network.eval()(given), numbers["vit_full_class_token"]) < 1e-4


def test_number_of_parameters_is_that_of_vit_b16():
    with torch.device("meta"):
        network = ViT(LAYOUTS["b16_384"])
    assert sum(p.numel() for p in network.parameters()) == 86_090_496
    assert network.positional_embedding.pos_embedding.shape == (1, 577, 768)


def test_names_are_the_published_ones():
    names = set(tiny().state_dict())
    block = "attn.proj_q attn.proj_k attn.proj_v proj norm1 norm2 pwff.fc1 pwff.fc2".split()
    layers = [f"transformer.blocks.{i}.{name}" for i in range(2) for name in block]
    layers += ["patch_embedding", "norm"]
    assert names == {f"{layer}.{kind}" for layer in layers for kind in ("weight", "bias")} | {
        "class_token",
        "positional_embedding.pos_embedding",
    }


@torch.no_grad()
def test_without_positions_the_place_of_a_patch_is_not_seen():
    network, given = tiny().eval(), images()
    patches = given.unfold(2, 8, 8).unfold(3, 8, 8).flatten(2, 3)  # (3, 3, 16, 8, 8)
    shuffled = patches[:, :, torch.randperm(16, generator=torch.Generator().manual_seed(2))]
    moved = shuffled.unflatten(2, (4, 4)).permute(0, 1, 2, 4, 3, 5).reshape(given.shape)
    assert (network(moved) - network(given)).abs().max() > 1e-4
    network.positional_embedding.pos_embedding.zero_()
    torch.testing.assert_close(network(moved), network(given), rtol=1e-4, atol=1e-4)


@torch.no_grad()
def test_images_do_not_see_each_other():
    network, given = tiny().eval(), images()
    torch.testing.assert_close(network(given[1:2])[0], network(given)[1])


@torch.no_grad()
def test_dropout_is_active_in_training_only():
    network, given = tiny(dropout=0.1, drop_path=0.5), images()
    assert not torch.equal(network(given), network(given))
    network.eval()
    assert torch.equal(network(given), network(given))
    plain = tiny(dropout=0.0).train()
    assert torch.equal(plain(given), plain(given))


def test_dropping_a_path_leaves_out_whole_images_and_keeps_the_mean():
    torch.manual_seed(0)
    branch = torch.ones(4000, 2, 3)
    dropped = DropPath(0.25).train()(branch)
    assert set(dropped.unique().tolist()) == {0.0, torch.tensor(1 / 0.75).item()}
    assert torch.equal(dropped.amin((1, 2)), dropped.amax((1, 2)))
    assert abs(dropped.mean().item() - 1) < 4 * (0.25 / 0.75 / 4000) ** 0.5  # four standard errors
    assert torch.equal(DropPath(0.25).eval()(branch), branch)


def test_rates_of_dropped_paths_rise_to_the_last_block():
    network = ViT(ViTLayout(size=16, patch=8, dim=4, mlp_dim=4, n_heads=1, n_blocks=3), drop_path=0.2)
    assert [block.drop_path.rate for block in network.transformer.blocks] == [0, 0.1, 0.2]


def test_linear_positions_stay_linear():
    y, x = torch.meshgrid(torch.linspace(0, 1, 5), torch.linspace(0, 1, 5), indexing="ij")
    positions = torch.cat([torch.full((1, 2), 9.0), torch.stack([x, y], -1).reshape(25, 2)])[None]
    resized = resize_positions(positions, 3)
    expected = torch.tensor([[9, 9], *[(x / 2, y / 2) for y in range(3) for x in range(3)]])
    torch.testing.assert_close(resized[0], expected)


def test_an_official_file_loses_its_classifier_and_gets_our_number_of_patches():
    state = tiny().state_dict() | {"fc.weight": torch.zeros(1000, 16), "fc.bias": torch.zeros(1000)}
    tiny().load_state_dict(load_official(state, TINY))
    other = ViT(ViTLayout(size=48, patch=8, dim=16, mlp_dim=24, n_heads=2, n_blocks=2))
    other.load_state_dict(load_official(state, other.layout))
    name = "positional_embedding.pos_embedding"
    assert other.state_dict()[name].shape == (1, 37, 16)
    assert torch.equal(other.state_dict()[name][0, 0], state[name][0, 0])
    with pytest.raises(RuntimeError, match="Unexpected key.*head"):
        other.load_state_dict(load_official(state | {"head.bias": torch.zeros(2)}, other.layout))


def test_pixels():
    grey = torch.full((2, 3, 4, 4), 0.5)
    assert normalise_pixels(grey, "half").abs().max() == 0
    expected = [(0.5 - m) / s for m, s in ((0.485, 0.229), (0.456, 0.224), (0.406, 0.225))]
    torch.testing.assert_close(normalise_pixels(grey, "imagenet")[1, :, 2, 3], torch.tensor(expected))


@pytest.mark.parametrize("shape", [(2, 3, 31, 32), (2, 1, 32, 32), (2, 3, 64, 64)])
def test_images_of_another_size(shape):
    with pytest.raises(ConfigError, match=r"\(N, 3, 32, 32\)"):
        tiny()(torch.zeros(shape))


@pytest.mark.parametrize("wrong", [{"size": 30}, {"n_heads": 3}])
def test_impossible_layout(wrong):
    sizes = {"size": 32, "patch": 8, "dim": 16, "mlp_dim": 24, "n_heads": 2, "n_blocks": 2}
    with pytest.raises(ConfigError, match="whole patches, and whole heads"):
        ViTLayout(**sizes | wrong)
