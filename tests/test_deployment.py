"""docker-compose.yml, Dockerfile and .env.example fit the program: services, order, secrets, settings."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.settings import read_settings
from tests.known_settings import ROOT, known_settings

SECRETS = {"POSTGRES_PASSWORD", "BOT_API_TOKEN", "BOT_SECRET_KEY", "BOT_REST_TOKEN"}
OURS = ("actions", "rasa", "bot")


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return found


def service(name: str) -> dict[str, Any]:
    found: dict[str, Any] = compose()["services"][name]
    return found


def filled_in(environment: dict[str, str], given: dict[str, str]) -> dict[str, str]:
    """The environment as Compose fills it in."""

    def value(match: re.Match[str]) -> str:
        return given.get(match["name"]) or match["default"] or ""

    variable = re.compile(r"\$\{(?P<name>\w+)(?::-(?P<default>[^}]*)|:\?[^}]*)?\}")
    return {name: variable.sub(value, str(text)) for name, text in environment.items()}


def test_there_are_a_database_an_action_server_a_rasa_server_and_two_bots() -> None:
    services = compose()["services"]
    assert set(services) == {"postgres", *OURS}
    assert services["bot"]["deploy"]["replicas"] == 2
    assert services["actions"]["command"][:3] == ["rasa", "run", "actions"]
    assert services["rasa"]["command"][:3] == ["rasa", "run", "--enable-api"]


def test_every_service_starts_when_what_it_needs_is_healthy() -> None:
    needs = {name: service(name).get("depends_on", {}) for name in compose()["services"]}
    assert {name: set(each) for name, each in needs.items()} == {
        "postgres": set(),
        "actions": {"postgres"},
        "rasa": {"postgres", "actions"},
        "bot": {"postgres", "rasa"},
    }
    assert all(each == {"condition": "service_healthy"} for wanted in needs.values() for each in wanted.values())
    assert all("healthcheck" in service(name) for name in ("postgres", "actions", "rasa"))
    assert "HEALTHCHECK" in (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_secrets_have_no_default_and_are_asked_for_by_name() -> None:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    assert set(re.findall(r"\$\{(\w+):\?", text)) == SECRETS
    assert not SECRETS & set(re.findall(r"\$\{(\w+)(?::-[^}]*)?\}", text))


@pytest.mark.parametrize("name", OURS)
def test_every_variable_that_is_passed_is_a_setting(name: str) -> None:
    assert set(service(name)["environment"]) <= known_settings()


@pytest.mark.parametrize("name", OURS)
def test_the_settings_that_are_passed_are_accepted(name: str, tmp_path: Path) -> None:
    given = dict.fromkeys(SECRETS, "0123456789abcdef0123456789abcdef")
    settings = read_settings({"BOT_HOST": "0.0.0.0", **filled_in(service(name)["environment"], given)}, tmp_path)
    assert settings.database_url.endswith("@postgres:5432/bot")
    assert settings.secrets_file is None


def test_only_the_bots_can_be_reached_and_only_from_this_machine() -> None:
    assert [name for name in compose()["services"] if "ports" in service(name)] == ["bot"]
    assert all(port.startswith("127.0.0.1:") for port in service("bot")["ports"])
    assert compose()["networks"]["inside"]["internal"] is True


def test_what_must_outlive_a_container_lies_in_a_volume() -> None:
    assert set(compose()["volumes"]) == {"database"}
    assert service("postgres")["volumes"] == ["database:/var/lib/postgresql/data"]


def test_the_endpoints_of_compose_are_the_usual_ones_but_for_the_address_of_the_actions() -> None:
    usual, here = (yaml.safe_load((ROOT / path).read_text()) for path in ("endpoints.yml", "deploy/endpoints.yml"))
    assert here["action_endpoint"].pop("url") == "http://actions:5055/webhook"
    usual["action_endpoint"].pop("url")
    assert here == usual


def test_the_image_does_not_run_as_root_and_installs_exactly_the_lock() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert "\nUSER bot\n" in text
    assert "--require-hashes -r requirements.lock" in text
    assert "tzdata" in text


def test_nothing_secret_gets_into_the_image() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert {".env", "var", ".git"} <= set(ignored)


def test_the_example_names_every_setting_and_nothing_else() -> None:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert set(re.findall(r"^#?([A-Z_]+)=", text, re.M)) == known_settings() | {"POSTGRES_PASSWORD"}
