"""The command line: python -m bot serve | worker | chat | train | doctor | import | openapi | desk | wechat menu."""

from __future__ import annotations

import json
import logging
import os
import sys
import warnings
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.logs import set_up_logs

if TYPE_CHECKING:
    from bot.settings import Settings

app = typer.Typer(help="The dealer's after-sales service bot.", no_args_is_help=True, add_completion=False)
wechat = typer.Typer(help="The WeChat account.", no_args_is_help=True)
menu = typer.Typer(help="The menu at the foot of the account's chat.", no_args_is_help=True)
desk = typer.Typer(help="The agents' desk.", no_args_is_help=True)
app.add_typer(wechat, name="wechat")
app.add_typer(desk, name="desk")
wechat.add_typer(menu, name="menu")
log = logging.getLogger("bot")


@app.callback()
def prepare() -> None:
    """Set up what every command needs: files for their owner only, quiet libraries, the log on stderr."""
    os.umask(0o077)
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    set_up_logs()


@app.command()
def serve() -> None:
    """Serve the web chat, the webhook and the API; prints "ready: <address>" once it can answer."""
    with plain_errors():
        from bot.settings import read_settings

        settings = read_settings()
        set_up_logs(settings.log_form)
        from bot.serving import open_port
        from bot.serving import serve as run

        listener = open_port(settings)
        for reason in settings.off:
            log.info(reason)
        if settings.demo:
            from bot.services.demo_agents import DEMO_AGENTS, demo_password

            logins = ", ".join(login for login, *_ in DEMO_AGENTS)
            log.info("Demo desk: /desk, sign in as %s with the password %s", logins, demo_password(settings.secret_key))
        if settings.secrets_file is not None:
            log.info("The tokens for the API and the cookies are in %s", settings.secrets_file)
        _train_if_needed(settings.rasa_url)
        log.info("Starting: opening the database and loading the dialogue model")
        run(settings, listener)


@app.command()
def worker() -> None:
    """Only do what falls due: reminders, late answers, news of rescues; any number may run beside serving bots."""
    with plain_errors():
        import asyncio

        from bot.settings import read_settings
        from bot.worker_command import run_worker

        settings = read_settings()
        set_up_logs(settings.log_form)
        asyncio.run(run_worker(settings))


@app.command()
def chat() -> None:
    """Talk to the bot in the terminal; same model, same store."""
    with plain_errors():
        from bot.settings import read_settings
        from bot.terminal import chat_in_terminal

        settings = read_settings()
        logging.getLogger().setLevel(logging.WARNING)
        _train_if_needed(settings.rasa_url)
        chat_in_terminal(settings)


@app.command()
def train() -> None:
    """Train the dialogue model; does nothing when nothing it is made of has changed."""
    with plain_errors():
        from bot.dialogue.training import train as train_model

        path = train_model()
        print(f"model: {path}", file=sys.stderr)


@app.command()
def doctor() -> None:
    """Check settings, database, model, port and platforms; one line each, and what to do about it."""
    with plain_errors():
        from bot.doctor.command import run_doctor

        if not run_doctor():
            raise typer.Exit(1)


@app.command("import")
def import_file(files: Annotated[list[Path], typer.Argument(help="customers.xlsx, vehicles.csv, …")]) -> None:
    """Load the dealer's customers, vehicles, service history and work orders; bad lines are named, good ones kept."""
    with plain_errors():
        from bot.importing import import_files
        from bot.settings import read_settings

        if not import_files(read_settings(), files):
            raise typer.Exit(1)


@app.command()
def openapi() -> None:
    """Print the API's description (OpenAPI) as JSON."""
    with plain_errors():
        from bot.api.app import describe

        print(json.dumps(describe(), ensure_ascii=False, indent=2))


Login = Annotated[str, typer.Argument(help="What is typed to sign in, e.g. wang")]
Password = Annotated[str, typer.Option(prompt=True, confirmation_prompt=True, hide_input=True, envvar="DESK_PASSWORD")]


@desk.command("add-user")
def add_desk_user(
    login: Login,
    password: Password,
    name: Annotated[str, typer.Option(prompt="Name that customers see")],
    role: Annotated[str, typer.Option(help="adviser, supervisor, manager or administrator")] = "administrator",
    team: Annotated[str, typer.Option(help="group that conversations can be passed to")] = "",
) -> None:
    """Add an agent who may sign in at /desk; the first one is an administrator."""
    from bot.desk_command import add_user

    _at_desk(lambda settings: add_user(settings, login=login, name=name, role=role, team=team, password=password))


@desk.command("set-password")
def set_desk_password(login: Login, password: Password) -> None:
    """Give an agent a new password and let them in again."""
    from bot.desk_command import set_password

    _at_desk(lambda settings: set_password(settings, login=login, password=password))


def _at_desk(act: Callable[[Settings], Awaitable[str]]) -> None:
    with plain_errors():
        import asyncio

        from bot.settings import read_settings

        async def done() -> str:
            return await act(read_settings())

        try:
            print(asyncio.run(done()))
        except ValueError as error:
            _stop(str(error))


@menu.command("push")
def push_menu() -> None:
    """Set the account's menu: 预约 / 进度 / 人工."""
    _with_menu("push")


@menu.command("show")
def show_menu() -> None:
    """Print the menu that is set."""
    _with_menu("show")


@menu.command("delete")
def delete_menu() -> None:
    """Take the menu away."""
    _with_menu("delete")


def _with_menu(order: str) -> None:
    with plain_errors():
        from bot.settings import read_settings
        from bot.wechat_command import do_with_menu

        done, sentence = do_with_menu(order, read_settings())
        if not done:
            _stop(sentence)
        print(sentence)


@contextmanager
def plain_errors() -> Iterator[None]:
    """What an operator can mend ends in one plain sentence on stderr and exit code 1, never in a stack trace."""
    from bot.dialogue.engine import EngineError
    from bot.environment.reading import UnusableSetting
    from bot.services.unavailable import StoreUnavailable

    try:
        yield
    except UnusableSetting as error:
        _stop("\n".join(_unusable_settings(str(error))))
    except EngineError as error:
        _stop(str(error))
    except StoreUnavailable as error:
        _stop(f"The database cannot be used: {error}. Check BOT_DATABASE_URL, and whether another program holds it.")
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    except (typer.Exit, SystemExit):
        raise
    except Exception as error:
        if type(error).__name__ == "CannotServe":
            _stop(str(error))
        log.debug("The command failed", exc_info=True)
        first = (str(error).splitlines() or ["no detail"])[0].rstrip(".")
        if getattr(error, "sqlstate", None):  # PostgreSQL's own words, such as those for a wrong password
            _stop(f"The database cannot be used: {first}. Check BOT_DATABASE_URL.")
        _stop(f"The command failed: {type(error).__name__}: {first}. What `python -m bot doctor` says may help.")


def _unusable_settings(first: str) -> tuple[str, ...]:
    """All that cannot be used, not only the first: they are mended in one go."""
    from bot.doctor.surroundings import look_around

    faults = look_around(os.environ, Path.cwd()).faults
    return faults if first in faults else (first,)


def _stop(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)
    raise typer.Exit(1)


def _train_if_needed(rasa_url: str | None) -> None:
    if rasa_url is None:
        from bot.dialogue.training import train as train_model

        train_model()


if __name__ == "__main__":
    app()
