"""FGRMER: patches around brows and mouth as nodes of a graph, fused with a graph of action units.

Lei, Chen, Li, Li, "Micro-expression recognition based on facial graph representation learning and facial action
unit fusion", CVPR Workshops 2021, doi 10.1109/CVPRW53098.2021.00173. Numbers of the official code raying777/FGRMER @
1ed1be2, of which 1,046,669 parameters with 3 classes are the sum with the 81 entries of the graph.

Deviations from the official code: the encoder layers follow each other (there only the last one has an effect, see
`official_last_layer_only`); dropout in the encoder 0.1, as in Justin900429's reproduction @ a41fe68, not 0.5; the
graph is counted from the training clips of the fold, see `fgrmer_graph`; the output is logits, of which the code takes
the logarithm of the softmax twice, which changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, Self

import torch
from torch import Tensor, nn

from mezoo.errors import ConfigError
from mezoo.models.fgrmer_encoder import D_MODEL, EPS, Encoder
from mezoo.models.fgrmer_graph import AUS, N_EYEBROW_AUS, Variant, adjacency, normalise
from mezoo.models.layers.graph import GraphLayer
from mezoo.models.recogniser import Recogniser
from mezoo.models.registry import register

N_PATCHES = 30
#: So many patches, from the first on, lie on the eyebrows; the others lie on the mouth.
N_EYEBROW = 10
SIDE = 7
#: Magnified views of a clip, one per total factor 1.2, 1.4 ... 3.0.
N_VIEWS = 10
WIDTH = 160

#: Official parts of parameter names -> ours, in the order in which they are replaced.
_OFFICIAL_NAMES = {
    "layer_stack1.": "mouth_encoder.layers.",
    "layer_stack.": "eyebrow_encoder.layers.",
    ".slf_attn.w_qs.": ".attention.query.",
    ".slf_attn.w_ks.": ".attention.key.",
    ".slf_attn.w_vs.": ".attention.value.",
    ".slf_attn.fc.": ".attention.project.",
    ".slf_attn.layer_norm.": ".attention.norm.",
    ".pos_ffn.w_1.": ".feed_forward.inner.",
    ".pos_ffn.w_2.": ".feed_forward.outer.",
    ".pos_ffn.layer_norm.": ".feed_forward.norm.",
    "depth_wise_conv.": "node.0.",
    "bn1.": "node.1.",
    "linear1.": "eyebrow_vector.1.",
    "linear3.": "eyebrow_vector.4.",
    "linear2.": "mouth_vector.1.",
    "linear4.": "mouth_vector.4.",
    "linear5.": "head.",
    "layer_norm1.": "norm.",
    "gc1_1.": "graph.0.",
    "gc1_2.": "graph.1.",
}


@register(
    "fgrmer",
    task="recognition",
    inputs={"shape_patches-10": (N_VIEWS, N_PATCHES, SIDE, SIDE)},
    output=(3,),
    paper="Lei et al., FGRMER, CVPR Workshops 2021, doi 10.1109/CVPRW53098.2021.00173",
    # The code counts A, which it keeps as a parameter although it never trains it; here it is a buffer.
    stated_parameters=1_046_669 - len(AUS) ** 2,
    small={"n_layers": 2, "hidden": 64},
)
class FGRMER(Recogniser):
    """The network.

    Parameters
    ----------
    n_classes : int
    aus : iterable of sequences of int
        Action units of each training clip, of which the graph is counted; none gives a graph without links, to be
        filled from a state dict (its entry ``A``).
    graph : {'official', 'reproduction'}
        What an entry of the graph means and how it is normalised, see `fgrmer_graph`.
    official_last_layer_only : bool
        The flaw of the official code, for its weights: see `fgrmer_encoder.Encoder`.
    encoder_dropout, attention_dropout : float
        The official code has 0.5 and 0.1, the reproduction 0.1 and 0.
    projection_bias : bool
        The reproduction has a bias in the last map of the attention.
    test_view : int
        Position of the view that is looked at in evaluation mode: 4 is factor 2.0 (reproduction), 9 is factor 3.0
        (probably the official code, whose tests read the tenth version of a clip).
    node : {'dwconv', 'identity'}
        Ablation: patches go on as they are.
    edge : {'transformer', 'mlp'}
        Ablation: no exchange between patches before the two linear maps of each part of the face.
    au_branch : bool
        Ablation: no action units; needs ``fusion="concat"``.
    fusion : {'dot', 'concat'}
        Ablation: the vectors of the face are put beside the mean vectors of the eyebrow and mouth AUs. As those are the
        same for all clips, they can only shift the normalisation that follows.
    n_layers, hidden : int
        Layers of each encoder, and features between the two linear maps (320 in the code).

    Raises
    ------
    ConfigError
        Unknown ablation or graph, or a dot product without action units.
    """

    A: Tensor

    def __init__(
        self,
        *,
        n_classes: int = 3,
        aus: Iterable[Sequence[int]] = (),
        graph: Variant = "official",
        official_last_layer_only: bool = False,
        encoder_dropout: float = 0.1,
        attention_dropout: float = 0.1,
        projection_bias: bool = False,
        test_view: int = 4,
        node: Literal["dwconv", "identity"] = "dwconv",
        edge: Literal["transformer", "mlp"] = "transformer",
        au_branch: bool = True,
        fusion: Literal["dot", "concat"] = "dot",
        n_layers: int = 6,
        hidden: int = 320,
    ) -> None:
        super().__init__()
        _check(node, edge, au_branch, fusion)
        self._test_view, self._variant, self._fusion = test_view, graph, fusion
        self.node: nn.Module = nn.Identity()
        if node == "dwconv":
            convolution = nn.Conv2d(N_PATCHES, N_PATCHES, 3, padding=1, groups=N_PATCHES)
            self.node = nn.Sequential(convolution, nn.BatchNorm2d(N_PATCHES), nn.ReLU())
        encoders = [
            Encoder(
                n_layers,
                last_layer_only=official_last_layer_only,
                dropout=encoder_dropout,
                attention_dropout=attention_dropout,
                projection_bias=projection_bias,
            )
            if edge == "transformer"
            else nn.Identity()
            for _ in range(2)
        ]
        self.eyebrow_encoder, self.mouth_encoder = encoders
        self.eyebrow_vector = _vector(N_EYEBROW, hidden)
        self.mouth_vector = _vector(N_PATCHES - N_EYEBROW, hidden)
        if au_branch:
            self.register_buffer("A", torch.from_numpy(adjacency(aus, variant=graph)))
            self.embedding = nn.Embedding(len(AUS), 40)
            nn.init.normal_(self.embedding.weight, 0, 0.01)
            self.graph = nn.ModuleList([GraphLayer(40, 80), GraphLayer(80, WIDTH)])
        fused = len(AUS) if fusion == "dot" else 2 * WIDTH * (1 + au_branch)
        self.norm = nn.LayerNorm(fused, eps=EPS)
        self.head = nn.Linear(fused, n_classes)

    @classmethod
    def from_fold(cls, *, aus: Sequence[Sequence[int]], **options: Any) -> Self:
        """Build the network with the graph of the training clips; `A` of its state dict holds it."""
        return cls(aus=aus, **options)

    def one_view(self, patches: Tensor) -> Tensor:
        """Choose a view of each clip: by chance in training, `test_view` in evaluation.

        Chance is torch's generator, like that of dropout. Patches (B, 30, 7, 7) are one view already.

        Raises
        ------
        ValueError
            When there are not so many views.
        """
        if patches.ndim == 4:
            return patches
        clips, views = patches.shape[:2]
        if self._test_view >= views:
            raise ValueError(f"test_view is {self._test_view}, but there are {views} views")
        if not self.training:
            return patches[:, self._test_view]
        return patches[torch.arange(clips), torch.randint(views, (clips,))]

    def tokens(self, patches: Tensor) -> Tensor:
        """Node learning: (B, 30, 7, 7) -> (B, 30, 49), each patch by itself."""
        return self.node(patches).flatten(2)

    def au_vectors(self) -> Tensor:
        """Vectors of the action units, (9, 160): embeddings that exchange along the graph."""
        links, nodes = normalise(self.A, variant=self._variant), self.embedding.weight
        for layer in self.graph:
            nodes = nn.functional.leaky_relu(layer(nodes, links), 0.2)
        return nodes

    def face_vectors(self, patches: Tensor) -> tuple[Tensor, Tensor]:
        """Vectors of eyebrows and mouth, (B, 160) each."""
        tokens = self.tokens(patches)
        eyebrow = self.eyebrow_encoder(tokens[:, :N_EYEBROW])
        mouth = self.mouth_encoder(tokens[:, N_EYEBROW:])
        return self.eyebrow_vector(eyebrow), self.mouth_vector(mouth)

    def fused(self, patches: Tensor) -> Tensor:
        """Ask the face about each action unit, (B, 9); with ``fusion="concat"`` all vectors in a row."""
        eyebrow, mouth = self.face_vectors(patches)
        if self._fusion == "dot":
            units = self.au_vectors()
            return torch.cat([eyebrow @ units[:N_EYEBROW_AUS].mT, mouth @ units[N_EYEBROW_AUS:].mT], dim=1)
        parts = [eyebrow, mouth]
        if hasattr(self, "A"):
            units = self.au_vectors()
            means = torch.cat([units[:N_EYEBROW_AUS].mean(0), units[N_EYEBROW_AUS:].mean(0)])
            parts.append(means.expand(len(eyebrow), -1))
        return torch.cat(parts, dim=1)

    def features(self, *inputs: Tensor | list[Tensor]) -> Tensor:
        """Give the fused numbers after their normalisation, which the last layer reads: (B, 9) unless ablated."""
        (patches,) = inputs
        if isinstance(patches, list) or patches.shape[-3:] != (N_PATCHES, SIDE, SIDE):
            raise ValueError(f"patches are no Tensor (B, V, {N_PATCHES}, {SIDE}, {SIDE})")
        return self.norm(self.fused(self.one_view(patches)))

    def forward(self, patches: Tensor) -> Tensor:
        """Recognise.

        Parameters
        ----------
        patches : Tensor, float32, shape (B, V, 30, 7, 7) or (B, 30, 7, 7)
            Patches of the magnified shape, in [0, 1], of V factors or of one: 10 on the eyebrows, 20 on the mouth.

        Returns
        -------
        Tensor, float32, shape (B, n_classes)
            Logits.

        Raises
        ------
        ValueError
            Another shape, or fewer views than `test_view` needs.
        """
        return self.head(self.features(patches))


def _vector(n_tokens: int, hidden: int) -> nn.Sequential:
    first, second = nn.Linear(n_tokens * D_MODEL, hidden), nn.Linear(hidden, WIDTH)
    return nn.Sequential(nn.Flatten(), first, nn.ReLU(), nn.Dropout(0.5), second, nn.ReLU())


def _check(node: str, edge: str, au_branch: bool, fusion: str) -> None:
    known = node in ("dwconv", "identity") and edge in ("transformer", "mlp") and fusion in ("dot", "concat")
    if not known or (fusion == "dot" and not au_branch):
        raise ConfigError(
            f"node {node!r}, edge {edge!r}, au_branch {au_branch}, fusion {fusion!r}",
            "dwconv or identity, transformer or mlp, dot or concat, and concat without action units",
            "Correct the options of fgrmer",
        )


def from_official(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Rename the parameters of an official checkpoint, so that `FGRMER.load_state_dict` accepts them."""
    renamed = {}
    for name, value in state.items():
        for official, ours in _OFFICIAL_NAMES.items():
            name = name.replace(official, ours)
        renamed[name] = value
    return renamed
