"""What an agent reads when something cannot be done: one sentence for each kind of refusal, one page for the rest."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlsplit

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from python_multipart.exceptions import FormParserError
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from bot.api.context import context_of
from bot.api.problems import Problem, status_of
from bot.business import refusals
from bot.business.refusals import Refusal
from bot.desk.access import Forged, MustChangePassword, NotSignedIn, SignedIn, who_asks
from bot.desk.pages import PREFIX, page
from bot.desk.words import N_
from bot.services.unavailable import StoreUnavailable

log = logging.getLogger(__name__)

# The most special entry on a refusal's family line counts; tests/desk/test_troubles.py walks the whole tree.
SENTENCES: Mapping[type[Refusal], str] = {
    refusals.SignInRefused: N_("登录名或密码不对，请再试一次。"),
    refusals.LockedOut: N_("密码连续输错多次，请过 15 分钟再试，或请管理员解锁。"),
    refusals.WeakPassword: N_("密码至少 10 个字符，并且不要包含登录名。"),
    refusals.Forbidden: N_("您的岗位没有这项权限，如有需要请联系主管。"),
    refusals.AlreadyClaimed: N_("{owner} 已经接手了这位客户，您写的内容还在。"),
    refusals.SolutionKept: N_(
        "方案已存为草稿，还没有告诉客户：{owner} 正在接待这位客户。"
        "请 {owner} 把会话转交给您再发，或电话告知客户后写明怎么告知的。"
    ),
    refusals.NotOwner: N_("这位客户现在由 {owner} 负责，请与同事确认后再操作。"),
    refusals.NotAllowed: N_("情况已经变化，这一步现在做不了。页面已刷新，请看最新状态。"),
    refusals.ClosedMeanwhile: N_(
        "{by} 刚刚结束了这次接待，现在由助手接待。您写的内容还在；要继续，请再发一次，就由您接待。"
    ),
    refusals.WindowFull: N_("这个时间已经排满，请换一个时间。"),
    refusals.WindowGone: N_("这个时间刚刚被占用，请换一个时间。"),
    refusals.TooLateToChange: N_("已过可以改约的时间，请电话与客户确认。"),
    refusals.AlreadyBooked: N_("这辆车已经有预约 {number}，请改那一个。"),
    refusals.IdentityRefusal: N_("身份核实没有通过，请客户再确认车牌和手机号。"),
    refusals.UnknownRecord: N_("没有找到这条记录，可能已被合并或删除。"),
    refusals.BookingRefusal: N_("没有找到这个预约，可能已被取消。"),
    refusals.NothingToDecide: N_("现在没有等待客户确认的增项。"),
    refusals.ChangedMeanwhile: N_("{by}刚刚更新了这张工单，页面已换成最新状态，请看一下再操作。"),
    refusals.ConsentWaits: N_("客户还没有答复增项“{item}”，有了答复才能往后走；客户来电答复的，请先登记。"),
    refusals.PromiseMissing: N_("请先给出预计完成时间，客户会收到这个时间。"),
    refusals.ReasonMissing: N_("请写明原因，客户会看到。"),
    refusals.WorkOrderOpen: N_("这辆车已经在店，工单是 {number}，请打开那一张。"),
    refusals.WrongStep: N_("“{before}”之后不能直接到“{after}”，请按流程一步一步来。"),
    refusals.InvalidValue: N_("有一项填写不对，请检查后再提交。"),
    refusals.PictureTooLarge: N_("图片太大，没有发出：请换一张 {megabytes} MB 以内的图片。您写的内容还在。"),
    refusals.Refusal: N_("这一步现在做不了，请刷新页面后再试。"),
}
# What exactly is not right about a value, where a page can say it: field and reason of the InvalidValue.
INVALID: Mapping[tuple[str, str], str] = {
    ("promised_at", "past"): N_("预计完成时间要晚于现在。"),
    ("promised_at", "too_far"): N_("预计完成时间太远了，请检查日期。"),
    ("promised_at", "not_open"): N_("这个时间店里不营业，客户取不了车。请选营业时间内的时间。"),
    ("promised_at", "before_the_parts"): N_("预计完成时间不能早于配件到货时间。"),
    ("parts_at", "past"): N_("配件到货时间要晚于现在。"),
    ("parts_at", "too_far"): N_("配件到货时间太远了，请检查日期。"),
    ("price", "out_of_range"): N_("金额不对，请填写元，例如 680 或 680.50。"),
    ("minutes", "out_of_range"): N_("所需时间不对，请填写分钟数。"),
    ("plate", "not_a_plate"): N_("这不像车牌号，请检查，例如 粤B8K321。"),
    ("phone", "not_a_mobile_number"): N_("这辆车还没有登记，请填写车主的手机号。"),
    ("total", "less_than_extras"): N_("费用比客户同意的增项还少，请核对；确实如此，请勾选“我已核对”再提交。"),
    ("mileage", "less_than_before"): N_("里程比接车时登记的还少，请核对；确实如此，请勾选“我已核对”再提交。"),
    ("work", "missing"): N_("请填写维修项目，客户会看到。"),
    ("note", "missing"): N_("请写一句话再保存。"),
    ("item", "missing"): N_("请写明增项是什么。"),
    ("who", "missing"): N_("请填写车牌或电话，好知道是谁的投诉。"),
    ("text", "empty"): N_("请写下客户的原话和经过。"),
    ("phone", "unreadable"): N_("这不像手机号，请填写 11 位数字。"),
    ("reason", "lower_level"): N_("级别低于建议的，请写明原因。"),
    ("reason", "level_2"): N_("二级投诉由主管处理。由别人接手的，请写明和哪位主管说好了。"),
    ("reason", "level_3"): N_("三级投诉由经理处理。由别人接手的，请写明和哪位经理说好了。"),
    ("owner", "level_2"): N_("二级投诉由主管处理。要由您接手，请先与主管说好，再点“我来负责”。"),
    ("owner", "level_3"): N_("三级投诉由经理处理。要由您接手，请先与经理说好，再点“我来负责”。"),
    ("solution", "not_told"): N_(
        "还没有告诉过客户方案，不能记作客户同意：请写明谈好的方案；没有谈过的，只能由主管写明原因后办结。"
    ),
    ("message", "turns_down"): N_("这句话没有同意方案，不能记作客户同意。"),
    ("how", "missing"): N_("请告诉客户：勾选发到聊天，或写明怎么告知的，例如“10:20 电话告知本人”。"),
    ("picture", "empty"): N_("图片没有传上来，请重新选择后再试。您写的内容还在。"),
    ("picture", "wrong_kind"): N_("这个文件不是图片，没有发出：请用 JPG、PNG 或 WebP 格式。您写的内容还在。"),
    ("picture", "not_shown_there"): N_("微信显示不了 WebP 图片，没有发出：请换成 JPG 或 PNG。您写的内容还在。"),
    ("picture", "passive"): N_("这个公众号只能被动回复，发不了图片。请用文字说明，或电话联系客户。"),
}
_NOT_FOUND = N_("没有找到这个页面或这条记录。")
_UNREADABLE = N_("有一项没有填写或填写不对，请检查后再提交。")
_BUSY = N_("数据库正忙，刚才的操作没有保存。您写的内容还在，请过几秒再试。")
_FORGED = N_("页面已过期，请刷新后再试。您写的内容还在。")
_CRASHED = N_("程序出了问题，已经记录下来。请再试一次，如果还不行请告诉管理员。")
_TOO_LARGE = N_("内容太大了，请缩短文字或换一张小一点的图片。")


def install(app: FastAPI) -> None:
    """Answer every error with a page, or with a sentence for the part of a page that asked."""
    app.add_exception_handler(NotSignedIn, _to_sign_in)
    app.add_exception_handler(Forged, _forged)
    app.add_exception_handler(MustChangePassword, _to_profile)
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(FormParserError, _unreadable)
    app.add_exception_handler(StoreUnavailable, _busy)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _crashed)


def sentence_of(refusal: Refusal) -> tuple[str, dict[str, Any]]:
    """The Chinese sentence for a refusal and the values it names."""
    if isinstance(refusal, refusals.InvalidValue) and (refusal.field, refusal.reason) in INVALID:
        return INVALID[refusal.field, refusal.reason], {}
    kind = next(kind for kind in type(refusal).__mro__ if kind in SENTENCES)
    return SENTENCES[kind], dict(vars(refusal))


def trouble(request: Request, status: int, words: str, /, **values: Any) -> Response:
    """The sentence as a page of its own; for a part of a page it goes into that page's notice."""
    signed: SignedIn | None = getattr(request.state, "signed", None)
    if "hx-request" not in request.headers:
        return page(request, signed, "trouble.html", status=status, words=words, values=values)
    answer = page(request, signed, "_notice.html", status=status, words=words, values=values)
    answer.headers.update({"HX-Retarget": "#notice", "HX-Reswap": "innerHTML"})
    return answer


async def _to_sign_in(request: Request, _: Exception) -> Response:
    """To the sign-in page, and back to where they were afterwards."""
    target = f"{PREFIX}/sign-in?next={quote(_page_of(request))}"
    if "hx-request" in request.headers:
        return Response(status_code=HTTPStatus.UNAUTHORIZED, headers={"HX-Redirect": target})
    if "text/event-stream" in request.headers.get("accept", ""):
        return Response(status_code=HTTPStatus.NO_CONTENT)  # an EventSource stops asking
    return RedirectResponse(target, HTTPStatus.SEE_OTHER)


def _page_of(request: Request) -> str:
    """The page that the agent sees: where they were, when only a part of it or an action was asked for."""
    if request.method == "GET" and "hx-request" not in request.headers:
        return request.url.path
    seen = urlsplit(request.headers.get("referer", ""))
    ours = seen.netloc == request.headers.get("host") and seen.path.startswith(f"{PREFIX}/")
    return seen.path if ours else PREFIX


async def _to_profile(request: Request, _: Exception) -> Response:
    """To the page where the agent chooses a password of their own."""
    target = f"{PREFIX}/profile"
    if "hx-request" in request.headers:
        return Response(status_code=HTTPStatus.FORBIDDEN, headers={"HX-Redirect": target})
    if "text/event-stream" in request.headers.get("accept", ""):
        return Response(status_code=HTTPStatus.NO_CONTENT)
    return RedirectResponse(target, HTTPStatus.SEE_OTHER)


async def _forged(request: Request, _: Exception) -> Response:
    return trouble(request, HTTPStatus.FORBIDDEN, _FORGED)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)  # noqa: S101 - for mypy
    words, values = sentence_of(error)
    return trouble(request, status_of(type(error)), words, **values)


async def _unreadable(request: Request, error: Exception) -> Response:
    """A form that cannot be read, or an address that cannot be anything's."""
    if isinstance(error, RequestValidationError) and any(each["loc"][0] == "path" for each in error.errors()):
        return trouble(request, HTTPStatus.NOT_FOUND, _NOT_FOUND)
    return trouble(request, HTTPStatus.UNPROCESSABLE_ENTITY, _UNREADABLE)


async def _busy(request: Request, error: Exception) -> Response:
    log.warning("Not ready: %s", type(error).__name__)
    return trouble(request, HTTPStatus.SERVICE_UNAVAILABLE, _BUSY)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - for mypy
    if not hasattr(request.state, "signed"):
        await who_asks(request, context_of(request))  # the page speaks their language and leads back
    words = {HTTPStatus.NOT_FOUND: _NOT_FOUND, HTTPStatus.REQUEST_ENTITY_TOO_LARGE: _TOO_LARGE}
    return trouble(request, error.status_code, words.get(HTTPStatus(error.status_code), _UNREADABLE))


async def _crashed(request: Request, _: Exception) -> Response:
    return trouble(request, HTTPStatus.INTERNAL_SERVER_ERROR, _CRASHED)


NOT_FOUND = Problem(HTTPStatus.NOT_FOUND, "There is no such page.")
