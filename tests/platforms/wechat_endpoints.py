"""What the fake WeChat answers at each path of /cgi-bin."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.platforms.wechat_checks import menu_refusal, message_refusal
from tests.platforms.wechat_faults import SEND
from tests.platforms.wechat_http import Answer, Request
from tests.platforms.wechat_limits import DAY

if TYPE_CHECKING:
    from tests.platforms.wechat_api import FakeWechat

ERRORS = {
    -1: "system error",
    0: "ok",
    40001: "invalid credential, access_token is invalid or not latest",
    40002: "invalid grant_type",
    40003: "invalid openid",
    40004: "invalid media type",
    40005: "invalid file type",
    40007: "invalid media_id",
    40008: "invalid message type",
    40013: "invalid appid",
    40014: "invalid access_token",
    40016: "invalid button size",
    40037: "invalid template_id",
    40125: "invalid appsecret",
    40164: "invalid ip, not in whitelist",
    41001: "access_token missing",
    41005: "media data missing",
    42001: "access_token expired",
    43002: "require POST method",
    43004: "require subscribe",
    43019: "require remove blacklist",
    44002: "empty post data",
    44004: "empty content",
    45001: "media size out of limit",
    45002: "content size out of limit",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit, mustslower, retry next minute",
    45015: "response out of time limit or subscription is canceled",
    45047: "out of response count limit",
    45072: "invalid command",
    45080: "no contact within the last 30 seconds",
    45081: "already typing",
    46003: "menu no exist",
    47001: "data format error",
    48001: "api unauthorized",
    48002: "user block receive message",
    48006: "clear quota times exceed the monthly limit",
}
OK = Answer(b'{"errcode":0,"errmsg":"ok"}')


def said(**values: Any) -> Answer:
    """An answer in JSON."""
    return Answer(json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode())


def error(code: int) -> Answer:
    """An answer that tells an errcode."""
    return OK if code == 0 else said(errcode=code, errmsg=f"{ERRORS.get(code, 'error')} rid: 0-0-0")


def read_object(body: bytes) -> dict[str, Any] | None:
    """The JSON object of a body; None when it is not one."""
    try:
        found = json.loads(body)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def stable_token(fake: FakeWechat, request: Request) -> Answer:
    asked = read_object(request.body)
    if asked is None:
        return error(47001)
    code = _credentials(fake, request, asked)
    return error(code) if code else _token(fake.tokens.stable(asked.get("force_refresh") is True))


def token(fake: FakeWechat, request: Request) -> Answer:
    code = _credentials(fake, request, request.query)
    return error(code) if code else _token(fake.tokens.plain())


def _credentials(fake: FakeWechat, request: Request, asked: dict[str, Any]) -> int:
    if asked.get("grant_type") != "client_credential":
        return 40002
    if asked.get("appid") != fake.app_id:
        return 40013
    if asked.get("secret") != fake.secret:
        return 40125
    return 40164 if fake.allowed_ips is not None and request.peer not in fake.allowed_ips else 0


def _token(found: tuple[int, str, int]) -> Answer:
    code, text, seconds = found
    return error(code) if code else said(access_token=text, expires_in=seconds)


def send(fake: FakeWechat, request: Request) -> Answer:
    message = read_object(request.body)
    if message is None:
        return error(47001 if request.body else 44002)
    code = message_refusal(message, fake.limits.text_bytes, fake.media) or fake.contacts.refusal(message.get("touser"))
    code = code or _frequency(fake)
    if code:
        return error(code)
    account = (message.get("customservice") or {}).get("kf_account")
    bucket = fake.contacts.charge(message["touser"])
    kind = message["msgtype"]
    fake.record(message["touser"], kind, message[kind], via="send", bucket=bucket, account=account)
    return OK


def _frequency(fake: FakeWechat) -> int:
    if not fake.used.within(SEND, fake.limits.sends_per_day, DAY):
        return 45009
    return 0 if fake.used.within("sends a minute", fake.limits.sends_per_minute, 60.0) else 45011


def typing(fake: FakeWechat, request: Request) -> Answer:
    asked = read_object(request.body)
    return error(47001 if asked is None else fake.contacts.typing(asked.get("touser"), asked.get("command")))


def send_template(fake: FakeWechat, request: Request) -> Answer:
    asked = read_object(request.body)
    if asked is None:
        return error(47001)
    contact = fake.contacts.known.get(str(asked.get("touser")))
    if contact is None:
        return error(40003)
    if asked.get("template_id") not in fake.templates:
        return error(40037)
    if not contact.follows:
        return error(43004)
    delivered = fake.record(asked["touser"], "template", asked, via="template")
    return said(errcode=0, errmsg="ok", msgid=4_000_000_000 + delivered.number)


def list_templates(fake: FakeWechat, request: Request) -> Answer:
    return said(template_list=[{"template_id": each, "title": "", "content": ""} for each in fake.templates])


def create_menu(fake: FakeWechat, request: Request) -> Answer:
    menu = read_object(request.body)
    code = 47001 if menu is None else menu_refusal(menu)
    if not code:
        fake.menu = menu
    return error(code)


def get_menu(fake: FakeWechat, request: Request) -> Answer:
    return error(46003) if fake.menu is None else said(menu=fake.menu)


def menu_info(fake: FakeWechat, request: Request) -> Answer:
    opened = {} if fake.menu is None else {"selfmenu_info": fake.menu}
    return said(is_menu_open=int(fake.menu is not None), **opened)


def delete_menu(fake: FakeWechat, request: Request) -> Answer:
    fake.menu = None
    return OK


def get_media(fake: FakeWechat, request: Request) -> Answer:
    found = fake.media.get(request.query.get("media_id", ""))
    if found is None or fake.clock.now() - found.since > fake.limits.media_seconds:
        return error(40007)
    if found.content_type.startswith("video/"):
        return said(video_url=f"{fake.url}/_media/{request.query['media_id']}")
    return Answer(
        found.content, content_type=found.content_type, headers={"Content-disposition": 'attachment; filename="media"'}
    )


def upload_media(fake: FakeWechat, request: Request) -> Answer:
    """A temporary file; only pictures are taken here, and only what WeChat shows (no WebP)."""
    if request.query.get("type") != "image":
        return error(40004)
    content = _file_in(request.body)
    if content is None:
        return error(41005)
    kind = next((kind for begins, kind in _PICTURES.items() if content.startswith(begins)), None)
    if kind is None:
        return error(40005)
    if len(content) > fake.limits.picture_bytes:
        return error(45001)
    if not fake.used.within("media/upload", fake.limits.uploads_per_day, DAY):
        return error(45009)
    media_id = f"upload-{len(fake.media) + 1}"
    fake.add_media(media_id, content, kind)
    return said(type="image", media_id=media_id, created_at=int(time.time()))


_PICTURES = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG": "image/png", b"GIF8": "image/gif", b"BM": "image/bmp"}


def _file_in(body: bytes) -> bytes | None:
    """The content of the part "media" of a multipart body."""
    boundary = body.partition(b"\r\n")[0]
    for part in body.split(boundary)[1:-1] if boundary.startswith(b"--") else ():
        head, _, content = part.partition(b"\r\n\r\n")
        if b'name="media"' in head and b"filename=" in head:
            return content[:-2]
    return None


def clear_quota(fake: FakeWechat, request: Request) -> Answer:
    asked = read_object(request.body) or {}
    if asked.get("appid") != fake.app_id:
        return error(40013)
    if not fake.used.within("clear_quota", fake.limits.clears_per_month, 30 * DAY):
        return error(48006)
    for name in (SEND, "token", "stable_token"):
        fake.used.clear(name)
    return OK


def check_callback(fake: FakeWechat, request: Request) -> Answer:
    return said(dns=[{"ip": "127.0.0.1", "real_operator": "DEFAULT"}], ping=[])


Endpoint = Callable[["FakeWechat", Request], Answer]

# path below /cgi-bin/ → (method, needs a token, what answers)
ENDPOINTS: dict[str, tuple[str, bool, Endpoint]] = {
    "stable_token": ("POST", False, stable_token),
    "token": ("GET", False, token),
    SEND: ("POST", True, send),
    "message/custom/typing": ("POST", True, typing),
    "message/template/send": ("POST", True, send_template),
    "template/get_all_private_template": ("GET", True, list_templates),
    "menu/create": ("POST", True, create_menu),
    "menu/get": ("GET", True, get_menu),
    "menu/delete": ("GET", True, delete_menu),
    "get_current_selfmenu_info": ("GET", True, menu_info),
    "media/get": ("GET", True, get_media),
    "media/upload": ("POST", True, upload_media),
    "clear_quota": ("POST", True, clear_quota),
    "callback/check": ("POST", True, check_callback),
}
