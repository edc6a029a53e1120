"""docker-compose.yml, Dockerfile and .env.example fit the program: services, order, secrets, settings."""

import re
from pathlib import Path

import pytest
import yaml

from bot.settings import read_settings
from tests.deployment.compose_file import NEEDED, OURS, SECRETS, compose, environment, service
from tests.known_settings import ROOT, known_settings

COPIES = ("bot-1", "bot-2")
ONLY_COMPOSE = {"POSTGRES_PASSWORD", "BOT_PUBLIC_HOST", "BOT_PUBLIC_TLS"}


def test_there_are_a_database_actions_rasa_two_bots_a_worker_and_a_proxy() -> None:
    services = compose()["services"]
    assert set(services) == {"postgres", *OURS, "proxy"}
    assert services["actions"]["command"][:3] == ["rasa", "run", "actions"]
    assert services["rasa"]["command"][:3] == ["rasa", "run", "--enable-api"]
    assert [services[name]["command"][2:] for name in COPIES] == [["bot", "serve"]] * 2
    assert services["worker"]["command"][2:] == ["bot", "worker"]


def test_every_service_starts_when_what_it_needs_is_healthy() -> None:
    needs = {name: service(name).get("depends_on", {}) for name in compose()["services"]}
    assert {name: set(each) for name, each in needs.items()} == {
        "postgres": set(),
        "actions": {"postgres"},
        "rasa": {"postgres", "actions"},
        "bot-1": {"postgres", "rasa"},
        "bot-2": {"postgres", "rasa"},
        "worker": {"postgres", "rasa"},
        "proxy": {"bot-1", "bot-2"},
    }
    assert all(each == {"condition": "service_healthy"} for wanted in needs.values() for each in wanted.values())
    assert all("test" in service(name)["healthcheck"] for wanted in needs.values() for name in wanted)
    assert "HEALTHCHECK" in (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_secrets_have_no_default_and_are_asked_for_by_name() -> None:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    assert set(re.findall(r"\$\{(\w+):\?[^}]+\}", text)) == NEEDED
    assert not NEEDED & set(re.findall(r"\$\{(\w+)(?::-[^}]*)?\}", text))


@pytest.mark.parametrize("name", OURS)
def test_every_variable_that_is_passed_is_a_setting(name: str) -> None:
    assert set(service(name)["environment"]) <= known_settings()


@pytest.mark.parametrize("name", OURS)
def test_the_settings_that_are_passed_are_accepted(name: str, tmp_path: Path) -> None:
    settings = read_settings({"BOT_HOST": "0.0.0.0", **environment(name)}, tmp_path)
    assert settings.database_url.endswith("@postgres:5432/bot")
    assert settings.secrets_file is None
    assert settings.off  # without their settings the platforms are off; nothing is refused


def test_bots_and_worker_know_the_platforms_and_the_model_does_not() -> None:
    platforms = {name for name in known_settings() if name.startswith(("TELEGRAM_", "WECHAT_"))}
    for name in OURS:
        passed = {each for each in environment(name) if each in platforms}
        assert passed == (set() if name in ("actions", "rasa") else platforms), name


def test_the_loop_of_the_worker_runs_in_the_worker_alone() -> None:
    assert {name: environment(name).get("BOT_WORKER") for name in (*COPIES, "worker")} == {
        "bot-1": "0",
        "bot-2": "0",
        "worker": None,
    }


def test_the_copies_differ_in_nothing_but_their_volume_and_both_stand_behind_the_proxy() -> None:
    one, two = (service(name) for name in COPIES)
    assert (one.pop("volumes"), two.pop("volumes")) == (["spool-1:/app/var/spool"], ["spool-2:/app/var/spool"])
    assert one == two
    assert environment("bot-1")["BOT_SPOOL_DIR"] == "/app/var/spool"
    port = environment("bot-1")["BOT_PORT"]
    assert environment("proxy")["BOT_COPIES"].split() == [f"{name}:{port}" for name in COPIES]


def test_only_the_proxy_can_be_reached_and_what_holds_data_cannot_get_out() -> None:
    assert {name: service(name)["ports"] for name in compose()["services"] if "ports" in service(name)} == {
        "proxy": ["80:80", "443:443"]
    }
    assert compose()["networks"]["inside"]["internal"] is True
    assert all(service(name)["networks"] == ["inside"] for name in ("postgres", "actions", "rasa"))


def test_what_must_outlive_a_container_lies_in_a_volume() -> None:
    assert set(compose()["volumes"]) == {"database", "spool-1", "spool-2", "certificates", "proxy"}
    assert service("postgres")["volumes"] == ["database:/var/lib/postgresql/data"]
    assert "certificates:/data" in service("proxy")["volumes"]
    assert "mkdir -p var/spool" in (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_the_endpoints_of_compose_are_the_usual_ones_but_for_the_address_of_the_actions() -> None:
    usual, here = (yaml.safe_load((ROOT / path).read_text()) for path in ("endpoints.yml", "deploy/endpoints.yml"))
    assert here["action_endpoint"].pop("url") == "http://actions:5055/webhook"
    usual["action_endpoint"].pop("url")
    assert here == usual


def test_every_file_that_is_mounted_or_named_is_there() -> None:
    mounted = [volume.split(":")[0] for volume in service("proxy")["volumes"] if volume.startswith("./")]
    assert mounted
    named = [word for name in OURS for word in service(name)["command"] if word.endswith(".yml")]
    assert [each for each in mounted + named if not (ROOT / each).exists()] == []


def test_the_example_names_every_setting_and_nothing_else() -> None:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert set(re.findall(r"^#?([A-Z_]+)=", text, re.M)) == known_settings() | ONLY_COMPOSE
    assert set(re.findall(r"^([A-Z_]+)=$", text, re.M)) == NEEDED >= SECRETS
