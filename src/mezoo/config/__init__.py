"""The configuration: pydantic models that are the one source of defaults, JSON schema and docs.

`config.yaml` is the user's file. `load` reads it and turns every mistake into one readable line.
``python -m mezoo.config`` writes the generated files again (schema and documentation page); a test
fails when they drift from the models.
"""

from mezoo.config.clips import InterpolateConfig, InterpolationMethod, MagnifyConfig, MagnifyMethod
from mezoo.config.corpora import DatasetConfig, DatasetsConfig, DemoConfig
from mezoo.config.generated import GENERATED, documentation, example, schema
from mezoo.config.preprocessing import FacesConfig, FlowConfig, MdmoConfig
from mezoo.config.recognition import RecognitionConfig
from mezoo.config.section import Section, one_line, validate
from mezoo.config.whole import Config, ReportConfig, load, parse

__all__ = [
    "GENERATED",
    "Config",
    "DatasetConfig",
    "DatasetsConfig",
    "DemoConfig",
    "FacesConfig",
    "FlowConfig",
    "InterpolateConfig",
    "InterpolationMethod",
    "MagnifyConfig",
    "MagnifyMethod",
    "MdmoConfig",
    "RecognitionConfig",
    "ReportConfig",
    "Section",
    "documentation",
    "example",
    "load",
    "one_line",
    "parse",
    "schema",
    "validate",
]
