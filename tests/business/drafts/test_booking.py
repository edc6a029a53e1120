"""What a booking hears, and what it asks next."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.business.drafts.booking import BookingDraft
from bot.business.drafts.wishes import WishedTime
from bot.business.symptoms import Symptoms
from tests.business.drafts.hearing import at, heard

STRANGER = BookingDraft(
    service_kind="maintenance", plate="粤B99K88", surname="黄", phone="13512345678", car_model="朗逸", mileage=30_000,
    consent=True,
)  # fmt: skip
CHOSEN = replace(STRANGER, chosen=at(24, 15), priced="maintenance")
COMPLETE = replace(CHOSEN, loaner="none", reminder="24")


def test_questions_come_in_the_order_of_need_person_car_visit() -> None:
    draft, asked = BookingDraft(), []
    told = {
        "service_kind": {"service_kind": "maintenance"},
        "plate": {"plate": "粤B99K88"},
        "surname": {"surname": "黄"},
        "phone": {"phone": "13512345678"},
        "car_model": {"car_model": "朗逸"},
        "mileage": {"mileage": 0},
        "consent": {"consent": True},
        "window": {"chosen": at(24, 15)},
        "loaner": {"loaner": "none"},
        "reminder": {"reminder": "24"},
        "confirmed": {"confirmed": True},
    }
    while (question := draft.next_question()) is not None:
        asked.append(question)
        draft = replace(draft, **told[question])
    assert asked == list(told)


def test_of_a_known_car_nothing_known_is_asked() -> None:
    known = BookingDraft(service_kind="maintenance", plate="粤B8K321", known=True)
    assert known.next_question() == "window"


def test_a_known_person_with_another_car_is_asked_about_the_car_only() -> None:
    friend = BookingDraft(
        service_kind="maintenance", plate="粤B77777", surname="李", phone="13800138001", acquainted=True
    )
    assert friend.next_question() == "car_model"
    assert replace(friend, car_model="宝马X3", mileage=0).next_question() == "window"


def test_an_answer_that_holds_other_fields_fills_those_and_its_own_short_part() -> None:
    draft = BookingDraft(service_kind="repair", symptoms=Symptoms(problem=("响",)))
    message = heard(
        "右前轮，过减速带的时候咯噔咯噔响", "report_symptom", noise="咯噔咯噔响", situation="过减速带的时候"
    )
    told = draft.hear(message, "location").symptoms
    assert told.location == ("右前轮",)
    assert told.situation == ("过减速带的时候",)


@pytest.mark.parametrize("text", ["不知道", "没注意", "说不上来", "嗯", "没有"])
def test_no_answer_to_a_symptom_question_is_an_answer(text: str) -> None:
    draft = BookingDraft(service_kind="repair", symptoms=Symptoms(problem=("响",)))
    after = draft.hear(heard(text, "dont_know"), "location")
    assert after.symptoms.location == ()
    assert after.next_question() != "location"


def test_never_more_than_three_questions_about_a_fault() -> None:
    draft, asked = BookingDraft(service_kind="repair"), []
    while (question := draft.next_question()) != "plate":
        assert question is not None
        asked.append(question)
        draft = draft.hear(heard("不知道", "dont_know"), question)
    assert len(asked) <= 3


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("一天前提醒我吧", "24"),
        ("提前两小时", "2"),
        ("三个小时前", "3"),
        ("不用了", "none"),
        ("好的", "24"),
        ("别提醒", "none"),
    ],
)
def test_the_reminder_is_heard_in_free_words(text: str, hours: str) -> None:
    assert replace(CHOSEN, loaner="none").hear(heard(text, "stop_reminders"), "reminder").reminder == hours


def test_a_time_in_the_answer_about_reminding_moves_no_visit() -> None:
    message = heard("明天早上提醒我，提前两小时", "inform", time="明天早上")
    assert replace(CHOSEN, loaner="none").hear(message, "reminder").chosen == CHOSEN.chosen


def test_when_it_happens_is_no_wish_for_a_visit() -> None:
    draft = BookingDraft(service_kind="repair", symptoms=Symptoms(problem=("抖",)))
    assert draft.hear(heard("一般早上冷车的时候", "inform", time="早上"), "situation").wish is None


@pytest.mark.parametrize(
    ("message", "changed"),
    [
        (heard("车牌错了是粤B12346", "correct_detail", plate="粤B12346"), {"plate": "粤B12346"}),
        (heard("我姓王不姓黄", "correct_detail", surname="黄"), {"surname": "王"}),
        (heard("电话换成13612345678", "correct_detail", phone="13612345678"), {"phone": "13612345678"}),
        (heard("还是要代步车吧", "ask_loaner"), {"loaner": "loaner"}),
        (heard("不用提醒了", "stop_reminders"), {"reminder": "none"}),
        (heard("不是保养，是换轮胎", "book_tyre"), {"service_kind": "tyre"}),
    ],
)
def test_a_correction_after_the_read_back_is_read_back_again(message: object, changed: dict[str, object]) -> None:
    after = COMPLETE.hear(message, "confirmed")  # type: ignore[arg-type]
    assert {name: getattr(after, name) for name in changed} == changed
    assert after.confirmed is None


def test_another_time_after_the_read_back_is_looked_for() -> None:
    after = COMPLETE.hear(heard("改成下午四点", "change_booking", time="下午四点"), "confirmed")
    assert after.next_question() == "window"
    assert after.wish == WishedTime(at(24, 16), at(24, 16))


@pytest.mark.parametrize(("text", "question"), [("时间不对", "window"), ("电话错了", "phone"), ("不对", "amendment")])
def test_what_is_wrong_is_asked_again(text: str, question: str) -> None:
    assert COMPLETE.hear(heard(text, "deny"), "confirmed").next_question() == question


def test_a_yes_completes_the_booking() -> None:
    assert COMPLETE.hear(heard("好的谢谢", "thank"), "confirmed").next_question() is None


def test_a_question_in_between_changes_nothing_that_was_told() -> None:
    aside = heard("途观保养多少钱", "ask_price", answers=False, car_model="途观")
    assert CHOSEN.hear(aside, "loaner").car_model == "朗逸"


def test_a_declined_consent_ends_the_booking() -> None:
    draft = replace(STRANGER, consent=None).hear(heard("不同意", "deny"), "consent")
    assert draft.consent is False
    assert draft.next_question() is None


@pytest.mark.parametrize(
    ("text", "plate"),
    [
        ("新车还没上牌呢", "未上牌"),
        ("还没有车牌，车架号后六位A03921", "未上牌 A03921"),
        ("临牌", "未上牌"),
        ("刚提车", "未上牌"),
        ("牌照还没下来", "未上牌"),
        ("没有车牌可以约吗", "未上牌"),
        ("新车什么时候能上牌", None),
        ("轮胎没牌子", None),
        ("牌照灯不亮 没牌照灯", None),
        ("车牌忘了", None),
    ],
)
def test_a_car_without_a_plate_is_booked_too(text: str, plate: str | None) -> None:
    draft = BookingDraft(service_kind="maintenance").hear(heard(text), "plate")
    assert draft.plate == plate
    assert ("utter_no_plate_noted" in draft.notes) is (plate is not None)
    assert draft.next_question() == ("surname" if plate else "plate")


def test_the_chassis_number_and_the_plate_may_follow() -> None:
    draft = replace(STRANGER, plate="未上牌", car_model=None, mileage=None)
    later = draft.hear(heard("车架号 LFV2A21K8A3012345"), "car_model")
    assert later.plate == "未上牌 012345"
    plated = later.hear(heard("粤B99K88", plate="粤B99K88"), "car_model")
    assert (plated.plate, plated.next_question()) == ("粤B99K88", "car_model")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("想做保养，新车没上牌，我姓黄，13512345678", "maintenance"),
        ("粤B99K88 黄 13512345678 想来修一下车", "repair"),
        ("约换轮胎 粤B99K88", "tyre"),
        ("粤B99K88 姓黄 13512345678", None),
        ("不想做保养", None),
        ("上次保养是三月 粤B99K88", None),
    ],
)
def test_a_wish_among_many_details_is_heard(text: str, kind: str | None) -> None:
    assert BookingDraft().hear(heard(text), None).service_kind == kind


@pytest.mark.parametrize(
    ("question", "text", "fact", "value"),
    [
        ("service_kind", "1", "service_kind", "maintenance"),
        ("service_kind", "第二个", "service_kind", "repair"),
        ("loaner", "2", "loaner", "loaner"),
        ("reminder", "1", "reminder", "24"),
        ("reminder", "3", "reminder", "none"),
    ],
)
def test_the_number_of_a_choice_answers_its_question(question: str, text: str, fact: str, value: str) -> None:
    before = replace(COMPLETE, **{question: None})
    assert getattr(before.hear(heard(text), question), fact) == value


def test_another_day_named_instead_moves_the_visit_while_transport_is_asked() -> None:
    draft = CHOSEN.hear(heard("那就周日吧", time="周日"), "loaner")
    assert (draft.chosen, draft.wish) == (None, WishedTime(at(29, 15), at(29, 15)))


def test_a_bare_title_is_no_car_and_no_mileage() -> None:
    asked = replace(STRANGER, title=None, car_model=None, mileage=None)
    draft = asked.hear(heard("先生", "abuse"), "car_model")
    assert (draft.title, draft.car_model, draft.mileage) == ("先生", None, None)


def test_consent_may_be_given_by_the_number_of_its_button() -> None:
    asked = replace(STRANGER, consent=None)
    assert [asked.hear(heard(text), "consent").consent for text in ("1", "2", "3")] == [True, False, None]


def test_transport_named_while_reminding_is_asked_is_noted() -> None:
    draft = replace(CHOSEN, loaner="none").hear(heard("需要上门取车"), "reminder")
    assert (draft.loaner, draft.reminder, draft.notes) == ("pickup", None, ("utter_wish_noted",))


@pytest.mark.parametrize(
    ("text", "loaner"),
    [
        ("还是不要代步车了", "none"),
        ("代步车不用了", "none"),
        ("不要代步车，接送就行", "shuttle"),
        ("要代步车", "loaner"),
        ("3", "shuttle"),
    ],
)
def test_a_declined_transport_is_not_booked(text: str, loaner: str) -> None:
    assert CHOSEN.hear(heard(text, "ask_loaner"), "loaner").loaner == loaner


@pytest.mark.parametrize("text", ["好", "可以的", "要"])
def test_a_mere_yes_does_not_say_which_transport(text: str) -> None:
    draft = CHOSEN.hear(heard(text, "affirm"), "loaner")
    assert (draft.loaner, draft.notes) == (None, ("utter_which_transport",))


def test_a_reminder_that_cannot_come_any_more_is_neither_kept_nor_asked_about() -> None:
    soon = replace(CHOSEN, loaner="none", chosen=at(23, 10))
    assert soon.with_possible_reminder(at(23, 9)).next_question() == "confirmed"
    assert replace(soon, reminder="24").with_possible_reminder(at(22, 12)).reminder is None
    assert replace(soon, reminder="2").with_possible_reminder(at(22, 12)).reminder == "2"
    assert replace(soon, reminder="late", chosen=at(27, 10)).with_possible_reminder(at(23, 9)).reminder is None


def test_who_names_a_time_is_not_asked_more_about_the_fault() -> None:
    draft = BookingDraft(service_kind="repair", symptoms=Symptoms(problem=("抖",)))
    assert draft.hear(heard("那约明天上午", "book_service", time="明天上午"), "location").next_question() == "plate"


def test_the_name_is_read_beside_the_plate_that_was_asked() -> None:
    asked = BookingDraft(service_kind="tyre")
    draft = asked.hear(heard("粤B11111 黄 先生 13800000011", plate="粤B11111", phone="13800000011"), "plate")
    assert (draft.surname, draft.title, draft.next_question()) == ("黄", "先生", "car_model")


def test_a_button_of_another_question_is_no_reminder() -> None:
    tapped = heard("", choice=at(23, 13).isoformat())
    assert replace(CHOSEN, loaner="none").hear(tapped, "reminder").reminder is None
    assert replace(CHOSEN, loaner="none").hear(heard("", choice="24"), "reminder").reminder == "24"


def test_of_two_cars_the_first_is_booked_with_its_own_plate_and_model() -> None:
    message = heard(
        "一台途观L 粤B6T5R4 一台宝来 粤B1Q2W3",
        plate=("粤B6T5R4", "粤B1Q2W3"), car_model=("途观L", "宝来"),
    )  # fmt: skip
    draft = BookingDraft(service_kind="maintenance").hear(message, "plate")
    assert (draft.plate, draft.car_model, draft.notes) == ("粤B6T5R4", "途观L", ("utter_one_car_first",))
    after = replace(COMPLETE, plate="粤B6T5R4", car_model="途观L").hear(
        heard("对 那宝来呢？", "affirm", car_model="宝来"), "confirmed"
    )
    assert (after.plate, after.car_model, after.notes) == ("粤B6T5R4", "途观L", ("utter_one_car_first",))


def test_a_plate_put_right_is_no_second_car() -> None:
    message = heard("不是粤B6T5R4，是粤B1Q2W3", "correct_detail", plate=("粤B6T5R4", "粤B1Q2W3"))
    assert STRANGER.hear(message, "window").plate == "粤B1Q2W3"


@pytest.mark.parametrize(
    "text", ["不要取车！我自己开过去", "取车不取了 我自己开过来", "我自己送车过去 不要取车了", "不用上门取车了"]
)
def test_who_comes_alone_has_nobody_fetch_the_car(text: str) -> None:
    fetched = replace(COMPLETE, loaner="pickup")
    assert fetched.hear(heard(text, "ask_pickup"), "confirmed").loaner == "none"


def test_a_call_that_is_not_wanted_declines_no_reminder() -> None:
    asked = replace(CHOSEN, loaner="none")
    assert asked.hear(heard("提前一天吧 提醒发我微信 不要打给我爸", "inform"), "reminder").reminder == "24"
    message = heard("不是说了提前一天提醒嘛！还有地址呢 你记了没", "deny")
    told = replace(COMPLETE, reminder="none").hear(message, "confirmed")
    assert told.reminder == "24"


def test_a_wrong_time_put_right_moves_the_visit() -> None:
    moved = CHOSEN.hear(heard("错啦 俺要早上8点半的！", "deny", time="早上8点半"), "loaner")
    assert moved.chosen is None
    assert moved.wish == WishedTime(at(24, 8, 30), at(24, 8, 30))
