"""Choice of key frames and its losses, where the result follows by hand."""

from __future__ import annotations

import pytest
import torch

from mezoo.models.akmnet_mining import KeyFrameMining, binarise, mean_margin_loss, sparsity_loss

BETAS = torch.tensor([0.8, 0.6, 0.4, 0.2])


def maps_of(pooled: torch.Tensor) -> torch.Tensor:
    """Maps (T, C, 2, 2) of a given spatial mean, not the same everywhere."""
    return pooled[:, :, None, None] * torch.tensor([[0.5, 1.5], [1.0, 1.0]])


@pytest.mark.parametrize(
    ("beta", "selected", "sparsity", "margin"),
    [
        ([0.9, 0.5, 0.5, 0.5], [1, 0, 0, 0], 0, 1.6),
        ([0.8, 0.6, 0.4, 0.2], [1, 1, 0, 0], 1, 1.6),
        ([0.25, 0.25, 0.25, 0.25], [1, 1, 1, 1], 3, 2.0),
        ([0.7], [1], 0, 2.0),
    ],
)
def test_values_by_hand(beta, selected, sparsity, margin):
    beta = torch.tensor(beta)
    assert binarise(beta).tolist() == selected
    assert sparsity_loss(binarise(beta)) == sparsity
    assert mean_margin_loss(beta) == pytest.approx(margin, abs=1e-6)


def test_a_frame_at_the_mean_is_kept_by_the_rule_of_the_code_only():
    beta = torch.tensor([0.75, 0.5, 0.25])
    assert binarise(beta, rule=">=").tolist() == [1, 1, 0]
    assert binarise(beta, rule=">").tolist() == [1, 0, 0]
    assert mean_margin_loss(beta) == 1.5  # it counts on neither side


@pytest.mark.parametrize("rule", [">=", ">"])
@pytest.mark.parametrize("n", range(1, 30))
def test_equal_betas_keep_all_frames_whatever_the_rounding_of_the_mean(rule, n):
    assert binarise(torch.full((n,), 0.7), rule=rule).sum() == n


def gradient(beta: torch.Tensor, **options) -> list[float]:
    leaf = beta.clone().requires_grad_()
    (binarise(leaf, **options) * torch.tensor([1.0, 2.0, 3.0, 4.0])).sum().backward()
    return leaf.grad.tolist()


def test_substituted_gradient():
    assert gradient(BETAS, ste="clip") == [1, 2, 3, 4]
    assert gradient(BETAS, ste="element") == [1, 2, 0, 0]
    assert gradient(BETAS + 1, ste="clip") == [0, 0, 0, 0]  # the mean lies outside (0, 1)
    assert gradient(BETAS + 1, ste="element") == [1, 2, 0, 0]


def test_margin_pulls_the_two_sides_apart():
    beta = BETAS.clone().requires_grad_()
    mean_margin_loss(beta).backward()
    assert beta.grad.tolist() == [-0.5, -0.5, 0.5, 0.5]


class TestMining:
    POOLED = torch.tensor([[1.0, 0.0], [1.0, 0.2], [1.0, 0.1], [0.0, 1.0]])

    def mine(self, variant: str, **options):
        torch.manual_seed(0)
        mining = KeyFrameMining(2, variant=variant, **options)
        return mining, mining(maps_of(self.POOLED))

    def test_the_odd_frame_is_dropped(self):
        _, mined = self.mine("s23")
        assert mined.alpha.tolist() == [1, 1, 1, 1]
        whole = self.POOLED.sum(0)
        cosines = self.POOLED @ whole / (self.POOLED.norm(dim=1) * whole.norm())
        assert torch.allclose(mined.beta, cosines)
        assert mined.selected.tolist() == [1, 1, 1, 0]
        assert torch.equal(mined.key_maps, maps_of(self.POOLED)[:3])

    def test_attention_turns_the_choice(self):
        mining, _ = self.mine("s123")
        with torch.no_grad():
            mining.attention.weight[:] = torch.tensor([[-20.0, 20.0]])
            mining.attention.bias.zero_()
        mined = mining(maps_of(self.POOLED))
        assert mined.alpha[3] > 0.99 and mined.alpha[:3].max() < 0.01
        assert mined.selected.tolist() == [0, 0, 0, 1]

    def test_without_correlation_attention_decides(self):
        mining, mined = self.mine("s13")
        expected = torch.sigmoid(mining.attention(self.POOLED).squeeze(1))
        assert torch.allclose(mined.beta, expected)
        assert mined.selected.tolist() == (expected >= expected.mean()).float().tolist()

    def test_without_selection_all_frames_are_weighed(self):
        mining, mined = self.mine("s12")
        assert not mining.selects and mined.selected.tolist() == [1, 1, 1, 1]
        assert torch.allclose(mined.key_maps.mean((2, 3)), self.POOLED * mined.beta[:, None])

    def test_all_frames(self):
        mining, mined = self.mine("all")
        assert not list(mining.parameters())
        assert torch.equal(mined.key_maps, maps_of(self.POOLED))

    def test_random_frames_are_as_many_as_would_be_kept(self):
        torch.manual_seed(3)
        mining = KeyFrameMining(2, variant="random")
        drawn = {tuple(mining(maps_of(self.POOLED)).selected.tolist()) for _ in range(60)}
        assert {sum(choice) for choice in drawn} == {3} and len(drawn) == 4

    def test_gradient_of_a_key_frame_reaches_the_attention(self):
        mining, mined = self.mine("s123")
        mined.key_maps.sum().backward()
        assert mining.attention.weight.grad.abs().sum() > 0
