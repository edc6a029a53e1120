"""The methods of the Bot API the fake knows: each takes the parameters and gives `result`, or raises ApiError."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from tests.platforms.telegram_http import Upload
from tests.platforms.telegram_markup import check_caption, check_text, read_markup
from tests.platforms.telegram_record import (
    Action,
    Answered,
    ApiError,
    Edited,
    JsonObject,
    Record,
    StoredFile,
)
from tests.platforms.telegram_updates_queue import UpdatesQueue
from tests.platforms.telegram_webhook import Webhook

DOWNLOAD_LIMIT = 20 * 1024 * 1024
PHOTO_LIMIT = 10 * 1024 * 1024
PICTURES = (b"\xff\xd8", b"\x89PNG", b"RIFF", b"GIF8")
SHOWN = ("chat_id", "text", "caption", "reply_markup", "photo", "document")
CHAT_ACTIONS = frozenset(
    "typing upload_photo record_video upload_video record_voice upload_voice upload_document choose_sticker "
    "find_location record_video_note upload_video_note".split()
)
TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"


def chat_number(parameters: JsonObject) -> int | None:
    """The chat a call is about, if it names one."""
    try:
        return int(parameters["chat_id"])
    except (KeyError, TypeError, ValueError):
        return None


class Methods:
    """The Bot API on a record, a queue and a webhook."""

    def __init__(self, record: Record, queue: UpdatesQueue, webhook: Webhook) -> None:
        self._record, self._queue, self._webhook = record, queue, webhook
        names = [name for name in vars(Methods) if not name.startswith("_") and name != "named"]
        self._by_name: dict[str, tuple[str, Callable[[JsonObject], Any]]] = {
            name.lower(): (name, getattr(self, name)) for name in names
        }

    def named(self, name: str) -> tuple[str, Callable[[JsonObject], Any]] | None:
        """The method as it is spelt and its function; names are not case-sensitive."""
        return self._by_name.get(name.lower())

    def getMe(self, parameters: JsonObject) -> JsonObject:
        return {
            **self._record.bot,
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
        }

    def getUpdates(self, parameters: JsonObject) -> Any:
        self._queue.allow(_kinds(parameters))
        offset, limit = int(parameters.get("offset") or 0), int(parameters.get("limit") or 100)
        return self._queue.poll(offset, limit, float(parameters.get("timeout") or 0))

    async def setWebhook(self, parameters: JsonObject) -> bool:
        url = str(parameters.get("url") or "")
        if not url:
            return await self.deleteWebhook(parameters)
        secret, connections = str(parameters.get("secret_token") or ""), int(parameters.get("max_connections") or 40)
        if _true(parameters.get("drop_pending_updates")):
            self._queue.clear()
        await self._webhook.set(url, secret, connections)
        self._queue.allow(_kinds(parameters))
        return True

    async def deleteWebhook(self, parameters: JsonObject) -> bool:
        await self._webhook.remove()
        if _true(parameters.get("drop_pending_updates")):
            self._queue.clear()
        return True

    def getWebhookInfo(self, parameters: JsonObject) -> JsonObject:
        info = self._webhook.info()
        return info if self._queue.allowed is None else {**info, "allowed_updates": sorted(self._queue.allowed)}

    def sendMessage(self, parameters: JsonObject) -> JsonObject:
        chat = self._chat(parameters)
        markup = read_markup(parameters.get("reply_markup"), chat["id"])
        text = check_text(parameters.get("text"))
        self._check_reachable(chat["id"])
        return self._deliver("sendMessage", chat, markup, parameters, {"text": text})

    def sendPhoto(self, parameters: JsonObject) -> JsonObject:
        stored = self._media(parameters, "photo", "photos", "jpg")
        if stored.size > PHOTO_LIMIT:
            raise ApiError(400, "Bad Request: file is too big")
        if not stored.content.startswith(PICTURES):
            raise ApiError(400, "Bad Request: IMAGE_PROCESS_FAILED")
        sizes = [{**_file(stored), "width": 90, "height": 60}]
        return self._send_media("sendPhoto", parameters, stored, {"photo": sizes})

    def sendDocument(self, parameters: JsonObject) -> JsonObject:
        stored = self._media(parameters, "document", "documents", "bin")
        return self._send_media("sendDocument", parameters, stored, {"document": _file(stored)})

    def copyMessage(self, parameters: JsonObject) -> JsonObject:
        chat = self._chat(parameters)
        try:
            source = self._record.messages[int(parameters["from_chat_id"]), int(parameters["message_id"])]
        except (KeyError, ValueError):
            raise ApiError(400, "Bad Request: message to copy not found") from None
        markup = read_markup(parameters.get("reply_markup"), chat["id"])
        self._check_reachable(chat["id"])
        kept = {name: value for name, value in source.items() if name not in _ENVELOPE}
        return {"message_id": self._deliver("copyMessage", chat, markup, parameters, kept)["message_id"]}

    def editMessageText(self, parameters: JsonObject) -> JsonObject:
        return self._edit(parameters, check_text(parameters.get("text")))

    def editMessageReplyMarkup(self, parameters: JsonObject) -> JsonObject:
        return self._edit(parameters, None)

    def sendChatAction(self, parameters: JsonObject) -> bool:
        chat_id = self._chat(parameters)["id"]
        if parameters.get("action") not in CHAT_ACTIONS:
            raise ApiError(400, "Bad Request: wrong parameter action in request")
        self._check_reachable(chat_id)
        self._record.actions.append(Action(chat_id, parameters["action"], time.monotonic()))
        return True

    def answerCallbackQuery(self, parameters: JsonObject) -> bool:
        query_id, now = str(parameters.get("callback_query_id", "")), time.monotonic()
        tapped = self._record.queries.get(query_id)
        late = None if tapped is None else now - tapped
        accepted = late is not None and late <= self._record.query_lifetime
        text, alert = parameters.get("text"), _true(parameters.get("show_alert"))
        self._record.answers.append(Answered(query_id, text, alert, now, late, accepted))
        if not accepted:
            raise ApiError(400, TOO_OLD)
        return True

    def setMessageReaction(self, parameters: JsonObject) -> bool:
        given = parameters.get("reaction") or []
        shown = json.loads(given) if isinstance(given, str) else given
        key = (self._chat(parameters)["id"], int(parameters.get("message_id") or 0))
        if key not in self._record.messages:
            raise ApiError(400, "Bad Request: message to react not found")
        self._record.reactions[key] = [str(one.get("emoji")) for one in shown]
        return True

    def getFile(self, parameters: JsonObject) -> JsonObject:
        stored = self._record.files.get(str(parameters.get("file_id", "")))
        if stored is None:
            raise ApiError(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        if stored.size > DOWNLOAD_LIMIT:
            raise ApiError(400, "Bad Request: file is too big")
        return {**_file(stored), "file_path": stored.path}

    def setMyCommands(self, parameters: JsonObject) -> bool:
        given = parameters.get("commands") or []
        self._record.commands = json.loads(given) if isinstance(given, str) else given
        return True

    def getMyCommands(self, parameters: JsonObject) -> list[JsonObject]:
        return self._record.commands

    def leaveChat(self, parameters: JsonObject) -> bool:
        chat = self._chat(parameters)
        if chat["type"] == "private":
            raise ApiError(400, "Bad Request: chat member status can't be changed in private chats")
        self._check_reachable(chat["id"])
        self._record.left.add(chat["id"])
        return True

    def getChat(self, parameters: JsonObject) -> JsonObject:
        chat = self._chat(parameters)
        self._check_reachable(chat["id"])
        return chat

    def getChatMember(self, parameters: JsonObject) -> JsonObject:
        """The bot itself is a plain member; about others nothing is kept."""
        chat = self._chat(parameters)
        if str(parameters.get("user_id")) != str(self._record.bot["id"]):
            raise ApiError(400, "Bad Request: PARTICIPANT_ID_INVALID")
        return {"user": self._record.bot, "status": "left" if chat["id"] in self._record.left else "member"}

    def _chat(self, parameters: JsonObject) -> JsonObject:
        if parameters.get("chat_id") in (None, ""):
            raise ApiError(400, "Bad Request: chat_id is empty")
        number = chat_number(parameters)
        if number is None or number not in self._record.chats:
            raise ApiError(400, "Bad Request: chat not found")
        return self._record.chats[number]

    def _check_reachable(self, chat_id: int) -> None:
        if chat_id in self._record.left:
            kind = self._record.chats[chat_id]["type"]
            raise ApiError(403, f"Forbidden: bot is not a member of the {kind} chat")
        if chat_id in self._record.blocked:
            kind = self._record.chats[chat_id]["type"]
            kicked = f"bot was kicked from the {kind} chat"
            raise ApiError(403, f"Forbidden: {'bot was blocked by the user' if kind == 'private' else kicked}")

    def _deliver(
        self,
        method: str,
        chat: JsonObject,
        markup: JsonObject | None,
        parameters: JsonObject,
        content: JsonObject,
        file_id: str | None = None,
    ) -> JsonObject:
        shown = {"reply_markup": markup} if markup and "inline_keyboard" in markup else {}
        message = self._record.message(self._record.bot, chat, **content, **shown)
        more = {name: value for name, value in parameters.items() if name not in SHOWN}
        self._record.deliver(method, message, markup, file_id=file_id, more=more)
        return message

    def _media(self, parameters: JsonObject, name: str, folder: str, ending: str) -> StoredFile:
        self._chat(parameters)
        given = parameters.get(name)
        if isinstance(given, str) and given.startswith("attach://"):
            given = parameters.pop(given[len("attach://") :], None)
        if isinstance(given, Upload):
            return self._record.file(given.content, folder, ending)
        if not isinstance(given, str) or given not in self._record.files:
            raise ApiError(400, "Bad Request: wrong file identifier/HTTP URL specified")
        return self._record.files[given]

    def _send_media(self, method: str, parameters: JsonObject, stored: StoredFile, content: JsonObject) -> JsonObject:
        chat = self._chat(parameters)
        markup = read_markup(parameters.get("reply_markup"), chat["id"])
        caption = check_caption(parameters.get("caption"))
        self._check_reachable(chat["id"])
        if caption:
            content["caption"] = caption
        return self._deliver(method, chat, markup, parameters, content, stored.file_id)

    def _edit(self, parameters: JsonObject, text: str | None) -> JsonObject:
        chat_id = self._chat(parameters)["id"]
        markup = read_markup(parameters.get("reply_markup"), chat_id)
        try:
            message = self._record.messages[chat_id, int(parameters["message_id"])]
        except (KeyError, ValueError):
            raise ApiError(400, "Bad Request: message to edit not found") from None
        if message["from"] is not self._record.bot:
            raise ApiError(400, "Bad Request: message can't be edited")
        edited = {name: value for name, value in message.items() if name != "reply_markup"}
        edited.update({"text": text} if text is not None else {}, **({"reply_markup": markup} if markup else {}))
        if edited == message:
            raise ApiError(
                400,
                "Bad Request: message is not modified: specified new message content and reply markup are exactly "
                "the same as a current content and reply markup of the message",
            )
        self._check_reachable(chat_id)
        key = (chat_id, message["message_id"])
        self._record.messages[key] = {**edited, "edit_date": int(time.time())}
        self._record.keyboards[key] = markup or {}
        self._record.edits.append(Edited(chat_id, key[1], text, markup, time.monotonic()))
        return self._record.messages[key]


_ENVELOPE = frozenset({"message_id", "from", "chat", "date", "edit_date", "reply_markup", "media_group_id"})


def _file(stored: StoredFile) -> JsonObject:
    return {"file_id": stored.file_id, "file_unique_id": f"u{stored.file_id[-8:]}", "file_size": stored.size}


def _kinds(parameters: JsonObject) -> list[str] | None:
    given = parameters.get("allowed_updates")
    if isinstance(given, str):
        given = json.loads(given) if given else None
    return given


def _true(given: Any) -> bool:
    return str(given).lower() in ("true", "1")
