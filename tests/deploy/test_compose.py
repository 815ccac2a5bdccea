"""The compose file, checked against the specification, and what it names against what there is."""

import re
from pathlib import Path
from typing import Any

import pytest
from compose_spec import PyCompose
from ruamel.yaml import YAML

from server.settings import Settings, variable
from tests.grafana_files import FOLDER

DEPLOY = Path(__file__).parents[2] / "deploy"
TEXT = (DEPLOY / "compose.yaml").read_text()
SERVICES: dict[str, dict[str, Any]] = YAML(typ="safe").load(TEXT)["services"]


def test_it_is_as_the_specification_says() -> None:
    compose = PyCompose.from_yaml(TEXT)
    compose.validate()
    assert compose.to_spec().services.keys() == SERVICES.keys()


def test_services_wait_for_services_that_there_are() -> None:
    awaited = {name for service in SERVICES.values() for name in service.get("depends_on", ())}
    assert awaited <= SERVICES.keys()
    healthy = {
        name
        for service in SERVICES.values()
        for name, wanted in service.get("depends_on", {}).items()
        if wanted["condition"] == "service_healthy"
    }
    # The image of Otelgres says itself how it is.
    assert {name for name in healthy if "healthcheck" not in SERVICES[name]} == {"otelgres"}


def test_what_is_no_compose_file_is_refused() -> None:
    with pytest.raises(ValueError, match="deploy_on"):
        PyCompose.from_yaml("services:\n  one:\n    image: postgres:18\n    deploy_on: friday\n")


def test_otelgres_is_given_settings_that_there_are() -> None:
    given = set(SERVICES["otelgres"]["environment"])
    assert given <= {variable(field) for field in Settings.model_fields}
    assert "OTELGRES_DSN" in given


def test_grafana_is_given_what_its_provisioning_reads() -> None:
    files = "".join(path.read_text() for path in (FOLDER / "provisioning").rglob("*.yaml"))
    # Behind a comment stands what only a set-up with keys needs.
    read = {
        name for line in files.splitlines() if "#" not in line for name in re.findall(r"(?<!\$)\$(OTELGRES_\w+)", line)
    }
    assert read == {name for name in SERVICES["grafana"]["environment"] if name.startswith("OTELGRES_")}


def test_the_files_that_are_mounted_are_there() -> None:
    mounted = [
        source
        for service in SERVICES.values()
        for source, _, _ in (volume.partition(":") for volume in service.get("volumes", []))
        if source.startswith(".")
    ]
    assert len(mounted) == 3
    assert [source for source in mounted if not (DEPLOY / source).exists()] == []


def test_what_is_built_is_built_from_a_file_that_is_there() -> None:
    build = SERVICES["otelgres"]["build"]
    assert (DEPLOY / build["context"] / build["dockerfile"]).is_file()


def test_secrets_are_asked_for_by_name_and_none_has_a_default() -> None:
    asked = set(re.findall(r"(?<!\$)\$\{(\w+)", TEXT))
    told = set(re.findall(r"^(\w+)=$", (DEPLOY / "example.env").read_text(), re.MULTILINE))
    assert asked == told
    assert re.findall(r"\$\{\w+:-", TEXT) == []
    assert {name for name in asked if f"${{{name}:?" not in TEXT} == set()


def test_ports_are_opened_to_this_machine_alone() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert ports
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []


def test_data_outlives_its_container() -> None:
    """From version 18 on PostgreSQL's image keeps its data below a directory of the version."""
    assert "postgres:/var/lib/postgresql" in SERVICES["postgres"]["volumes"]
    assert any(volume.startswith("otelgres:") for volume in SERVICES["otelgres"]["volumes"])


def test_images_have_versions() -> None:
    images = [service["image"] for service in SERVICES.values() if "image" in service]
    assert [image for image in images if image.rpartition(":")[2] in ("latest", image)] == []
