"""The stages a work order goes through: their order, Chinese names, time norms and what comes next."""

from __future__ import annotations

from dataclasses import dataclass

from bot.business.refusals import InvalidValue, NotAllowed


@dataclass(frozen=True)
class Stage:
    """One stage; `norm_minutes` is how long it may take (SERVICE_STANDARD §1), None without a norm."""

    code: str
    text: str
    following: str | None
    norm_minutes: int | None = None


STAGES: tuple[Stage, ...] = (
    Stage("booked", "已预约", "received"),
    Stage("received", "已接车", "precheck", 5),
    Stage("precheck", "预检中", "quoted", 15),
    Stage("quoted", "方案报价", "in_repair", 30),
    Stage("awaiting_consent", "待客户确认", "in_repair"),
    Stage("awaiting_parts", "等待配件", "in_repair"),
    Stage("in_repair", "维修中", "inspection"),
    Stage("inspection", "质检", "washing"),
    Stage("washing", "洗车", "ready"),
    Stage("ready", "待交车", "delivered"),
    Stage("delivered", "已交车", "followed_up"),
    Stage("followed_up", "回访", None),
)
CODES: tuple[str, ...] = tuple(stage.code for stage in STAGES)
OPEN_CODES: tuple[str, ...] = CODES[: CODES.index("delivered")]
_BY_NAME = {name: stage for stage in STAGES for name in (stage.code, stage.text)}


def read_stage(name: str) -> Stage:
    """The stage written as a code or as its Chinese text (DESIGN §4); raises InvalidValue("stage")."""
    stage = _BY_NAME.get(name.strip())
    if stage is None:
        raise InvalidValue("stage", "unknown_stage")
    return stage


def next_stage(code: str) -> Stage | None:
    """What usually comes after `code`, None after the last stage."""
    following = read_stage(code).following
    return _BY_NAME[following] if following else None


def check_change(before: str, after: str) -> None:
    """Raise NotAllowed when the workshop cannot go from `before` to `after`.

    The workshop may step back (a failed inspection) until the car is handed over; then only the follow-up is left.
    """
    if before not in OPEN_CODES and after in (*OPEN_CODES, "delivered") and after != before:
        raise NotAllowed(before, after)


def is_open(code: str) -> bool:
    """Whether the car is still with the workshop (or expected there)."""
    return code in OPEN_CODES
