"""What a customer hears when the dealership declines: one table from refusals to responses of domain.yml."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from actions.wording import options_text
from bot.business import refusals
from bot.business.refusals import Refusal
from bot.business.windows import Window


class Said(NamedTuple):
    """A response of domain.yml and what is filled into it."""

    response: str
    values: dict[str, Any]


def _always(response: str) -> Callable[[Any], Said]:
    return lambda refusal: Said(response, {})


def _alternatives(response: str, windows: Sequence[Window]) -> Said:
    return Said(response, {"options": options_text(windows)}) if windows else Said("utter_no_windows", {})


# One line a refusal; tests/actions/test_refusals.py walks the tree and asks for each.
SAID: dict[type[Refusal], Callable[[Any], Said]] = {
    refusals.WindowFull: lambda full: _alternatives("utter_windows_full", full.alternatives),
    refusals.WindowGone: lambda gone: _alternatives("utter_window_gone", gone.alternatives),
    refusals.TooLateToChange: _always("utter_too_late_to_change"),
    refusals.AlreadyBooked: lambda booked: Said("utter_already_booked", {"number": booked.number}),
    refusals.UnknownAppointment: _always("utter_no_appointment"),
    refusals.IdentityMismatch: _always("utter_identity_mismatch"),
    refusals.TooManyTries: _always("utter_identity_exhausted"),
    # A wrong guess, an unknown plate and somebody else's record read the same (DESIGN §5 Privacy).
    refusals.NotYours: _always("utter_identity_mismatch"),
    refusals.UnknownVehicle: _always("utter_identity_mismatch"),
    refusals.UnknownCustomer: _always("utter_identity_mismatch"),
    refusals.UnknownWorkOrder: _always("utter_record_missing"),
    refusals.UnknownComplaint: _always("utter_record_missing"),
    refusals.UnknownHandoff: _always("utter_record_missing"),
    refusals.UnknownRescue: _always("utter_record_missing"),
    refusals.UnknownAgent: _always("utter_record_missing"),
    refusals.UnknownCannedReply: _always("utter_record_missing"),
    refusals.UnknownConversation: _always("utter_record_missing"),
    refusals.AlreadyClaimed: _always("utter_already_with_agent"),
    refusals.SolutionKept: _always("utter_already_with_agent"),
    refusals.NotOwner: _always("utter_already_with_agent"),
    refusals.NothingToDecide: _always("utter_nothing_to_decide"),
    refusals.SignInRefused: _always("utter_not_possible_now"),
    refusals.LockedOut: _always("utter_not_possible_now"),
    refusals.WeakPassword: _always("utter_not_possible_now"),
    refusals.Forbidden: _always("utter_not_possible_now"),
    refusals.ChangedMeanwhile: _always("utter_not_possible_now"),
    refusals.InTheWay: _always("utter_not_possible_now"),
    refusals.ConsentWaits: _always("utter_not_possible_now"),
    refusals.PromiseMissing: _always("utter_not_possible_now"),
    refusals.ReasonMissing: _always("utter_not_possible_now"),
    refusals.WorkOrderOpen: _always("utter_not_possible_now"),
    refusals.NotAllowed: _always("utter_not_possible_now"),
    refusals.WrongStep: _always("utter_not_possible_now"),
    refusals.ClosedMeanwhile: _always("utter_not_possible_now"),
    refusals.InvalidValue: _always("utter_not_possible_now"),
    refusals.PictureTooLarge: _always("utter_not_possible_now"),
}
ANY_OTHER = "utter_not_possible_now"


def said_of(refusal: Refusal) -> Said:
    """The response of the refusal, else that of the nearest kind above it in the tree."""
    for kind in type(refusal).__mro__:
        if kind in SAID:
            return SAID[kind](refusal)
    return Said(ANY_OTHER, {})
