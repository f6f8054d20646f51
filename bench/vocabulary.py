"""Words of several languages as newspapers use them: few of them often, most of them seldom."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate

#: How many words a language has here.
WORDS = 4000
#: How often each language is written.
SHARES = {"en": 50, "uk": 15, "ru": 10, "de": 10, "fr": 8, "es": 7}

#: Of each language the words that are used most, and syllables of which the others are made.
_OFTEN = {
    "en": "the of and to in that was for on with as at by from were after had not is are",
    "uk": "і на у що не про за до з від як та але це він вона для після його було",
    "ru": "и в на что не с по как о от за из для после его был она это но к",
    "de": "der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als",
    "fr": "de la le et les des en un une du à pour que dans qui par sur pas au avec",
    "es": "de la que el en y a los del se las por un para con no una su al es",
}
_LATIN = "ba car den for gel hin jon kam lo mer nat or pel qui ros san ter ul ver win"
_CYRILLIC = "ба вер год дім жан зор кам лив мер нос пол рід сан тур уч фон хат цін шко яр"
_SYLLABLES = {
    "en": f"{_LATIN} ing ly tion",
    "uk": f"{_CYRILLIC} ння ський",
    "ru": f"{_CYRILLIC} ость ный".replace("і", "ы"),
    "de": f"{_LATIN} ung schä lich",
    "fr": f"{_LATIN} é eau ment",
    "es": f"{_LATIN} ción ña ado",
}


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of a language, the most used first."""

    words: Sequence[str]
    #: The sums of the words' shares: the n-th is used 1/n as often as the first (Zipf).
    sums: Sequence[float]

    def some(self, chance: random.Random, most: int) -> list[str]:
        """Give so many words as a text has them."""
        return chance.choices(self.words, cum_weights=self.sums, k=most)


@cache
def of(lang: str) -> Vocabulary:
    """Give the vocabulary of a language, one of `SHARES`."""
    chance = random.Random(lang)
    syllables = _SYLLABLES[lang].split()
    words = dict.fromkeys(_OFTEN[lang].split())
    while len(words) < WORDS:
        words["".join(chance.choices(syllables, k=chance.randint(2, 5)))] = None
    return Vocabulary(list(words), list(accumulate(1 / n for n in range(1, WORDS + 1))))


def slipped(chance: random.Random, word: str) -> str:
    """Write a word with two letters swapped, one left out, or one twice."""
    at = chance.randrange(len(word) - 1) if len(word) > 1 else 0
    head, pair, tail = word[:at], word[at : at + 2], word[at + 2 :]
    return head + chance.choice([pair[::-1], pair[:1], pair[:1] + pair]) + tail
