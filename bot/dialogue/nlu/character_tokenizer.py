"""Cuts a message into its characters, folded to Simplified and lower case, with the offsets of the original."""

from __future__ import annotations

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message

from bot.business.characters import fold


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class CharacterTokenizer(Tokenizer):
    """One token a character; white space is none."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """The keys every Rasa tokenizer knows."""
        return {
            "intent_tokenization_flag": False,
            "intent_split_symbol": "_",
            "token_pattern": None,
            "prefix_separator_symbol": None,
        }

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """The tokens of one attribute of the message."""
        text = message.get(attribute) or ""
        return [Token(c, i, i + 1) for i, c in enumerate(fold(text)) if not c.isspace()]
