"""Prose for tests of anchoring: articles with repeated words, and what editors do to them."""

import random
import re
from dataclasses import dataclass

from feedback.anchoring.grouping import CONTEXT, Passage

#: One small story in nine languages, a line a sentence or two; words repeat as they do in life.
STORIES = {
    "en": (
        "The lighthouse keeper wrote down every ship that passed the island before breakfast.\n"
        "On Mondays he counted the gulls, and the gulls, it seemed to him, counted the ships.\n"
        "When the fog came he rang the bell twice an hour and thought of the people on the ships.\n"
        "His sister on the mainland wrote every week; the letters came every month, all at once.\n"
        "She asked whether the island was lonely, and he answered that the gulls were good company."
    ),
    "de": (
        "Der Leuchtturmwärter schrieb vor dem Frühstück jedes Schiff auf, das an der Insel war.\n"
        "Montags zählte er die Möwen, und die Möwen, so schien es ihm, zählten die Schiffe.\n"
        "Kam der Nebel, läutete er zweimal in der Stunde die Glocke und dachte an die Leute.\n"
        "Seine Schwester auf dem Festland schrieb jede Woche; die Briefe kamen jeden Monat.\n"
        "Sie fragte, ob die Insel einsam sei, und er antwortete, die Möwen seien gute Gesellschaft."
    ),
    "ru": (
        "Смотритель маяка записывал до завтрака каждый корабль, который проходил мимо острова.\n"
        "По понедельникам он считал чаек, а чайки, как ему казалось, считали корабли.\n"
        "Когда приходил туман, он дважды в час звонил в колокол и думал о людях на кораблях.\n"
        "Сестра с большой земли писала каждую неделю, а письма приходили каждый месяц, все сразу.\n"
        "Она спрашивала, не скучно ли на острове, и он отвечал, что чайки – хорошая компания."
    ),
    "uk": (
        "Доглядач маяка записував до сніданку кожен корабель, який проходив повз острів.\n"
        "Щопонеділка він рахував чайок, а чайки, як йому здавалося, рахували кораблі.\n"
        "Коли приходив туман, він двічі на годину дзвонив у дзвін і думав про людей на кораблях.\n"
        "Сестра з материка писала щотижня, а листи приходили щомісяця, усі разом.\n"
        "Вона питала, чи не самотньо на острові, і він відповідав, що чайки – добре товариство."
    ),
    "ja": (
        "灯台守は朝食の前に、島を通る船をすべて書きとめた。\n"
        "月曜日には彼がかもめを数え、かもめのほうは船を数えているように見えた。\n"
        "霧が来ると一時間に二度鐘を鳴らし、船の上の人々のことを考えた。\n"
        "本土の妹は毎週手紙を書いたが、手紙は毎月まとめて届いた。\n"
        "島は寂しくないかと妹は尋ね、かもめがよい仲間だと彼は答えた。"
    ),
    "zh": (
        "灯塔看守人在早饭前记下每一艘经过小岛的船。\n"
        "星期一他数海鸥，而海鸥，在他看来，正在数船。\n"
        "雾来的时候，他每小时敲两次钟，想着船上的人们。\n"
        "大陆上的妹妹每星期写信，信却每个月一起到。\n"
        "她问小岛上是不是寂寞，他回答说海鸥是很好的伙伴。"
    ),
    "ar": (
        "كان حارس المنارة يكتب قبل الفطور كل سفينة تمر بالجزيرة.\n"
        "وفي يوم الاثنين كان يعد النوارس، وكانت النوارس، كما بدا له، تعد السفن.\n"
        "وحين يأتي الضباب كان يقرع الجرس مرتين في الساعة ويفكر في الناس على السفن.\n"
        "وكانت أخته في البر تكتب كل أسبوع، وكانت الرسائل تصل كل شهر دفعة واحدة.\n"
        "وسألته هل الجزيرة موحشة، فأجاب بأن النوارس رفقة طيبة."
    ),
    "he": (
        "שומר המגדלור רשם לפני ארוחת הבוקר כל ספינה שעברה ליד האי.\n"
        "ביום שני הוא ספר את השחפים, והשחפים, כך נדמה לו, ספרו את הספינות.\n"
        "כשבא הערפל צלצל בפעמון פעמיים בשעה וחשב על האנשים שעל הספינות.\n"
        "אחותו ביבשה כתבה כל שבוע, והמכתבים הגיעו כל חודש, כולם ביחד.\n"
        "היא שאלה אם האי בודד, והוא ענה שהשחפים הם חברה טובה."
    ),
    "th": (
        "คนเฝ้าประภาคารจดชื่อเรือทุกลำที่ผ่านเกาะก่อนอาหารเช้า\n"
        "วันจันทร์เขานับนกนางนวล และนกนางนวลก็ดูเหมือนนับเรืออยู่\n"
        "เมื่อหมอกลง เขาตีระฆังชั่วโมงละสองครั้งและคิดถึงผู้คนบนเรือ\n"
        "น้องสาวบนแผ่นดินใหญ่เขียนจดหมายทุกสัปดาห์ แต่จดหมายมาถึงทุกเดือนพร้อมกัน\n"
        "เธอถามว่าเกาะเหงาไหม และเขาตอบว่านกนางนวลเป็นเพื่อนที่ดี"
    ),
}

#: What pages repeat, the same each time with all that stands around it.
BOILERPLATE = (
    "Advertisement – the article goes on below\n"
    "Subscribe to our letter and read teh news before breakfast, every day but Sunday.\n"
    "Share this story with your friends, or send it to the editors of this newspaper.\n"
)

_WORD = re.compile(r"[^\W\d_]{3,}")


@dataclass(frozen=True)
class Edit:
    """`removed` code points at `at` become `text`."""

    at: int
    removed: int
    text: str


def passage(text: str, start: int, end: int) -> Passage:
    """What a reader's browser makes of a selection."""
    return Passage(
        exact=text[start:end],
        prefix=text[max(0, start - CONTEXT) : start],
        suffix=text[end : end + CONTEXT],
        start=start,
        end=end,
        length=len(text),
    )


def edited(text: str, spot: tuple[int, int], *edits: Edit) -> tuple[str, tuple[int, int]]:
    """Edit a text beside a spot; give it and where the spot stands then."""
    start, end = spot
    for edit in sorted(edits, key=lambda edit: -edit.at):
        assert edit.at + edit.removed <= spot[0] or edit.at >= spot[1]
        text = text[: edit.at] + edit.text + text[edit.at + edit.removed :]
        if edit.at < spot[0]:
            moved = len(edit.text) - edit.removed
            start, end = start + moved, end + moved
    return text, (start, end)


def an_article(chance: random.Random) -> str:
    """An article: all stories in some order, boilerplate between, and lines set out once more."""
    stories = list(STORIES.values())
    chance.shuffle(stories)
    parts: list[str] = []
    for number, story in enumerate(stories):
        lines = story.split("\n")
        parts += [" ".join(lines[:2]), *lines[2:]]
        if number % 2:
            parts.append(BOILERPLATE.rstrip("\n"))
        if number % 3 == 0:
            parts.append(chance.choice(lines))
    return "\n".join(parts)


def a_word(chance: random.Random, text: str) -> tuple[int, int]:
    """Where some word stands: a few letters where a script has no spaces."""
    found = chance.choice(list(_WORD.finditer(text)))
    start, end = found.span()
    if end - start > 14 and not found[0].isascii():
        start = chance.randrange(start, end - 3)
        end = start + chance.randint(2, 4)
    return start, end


def elsewhere(chance: random.Random, text: str, spot: tuple[int, int]) -> tuple[int, int] | None:
    """Another place of the same words, if there is one."""
    exact = text[slice(*spot)]
    others = [m.start() for m in re.finditer(re.escape(exact), text) if m.start() != spot[0]]
    others = [at for at in others if at >= spot[1] or at + len(exact) <= spot[0]]
    return (at := chance.choice(others), at + len(exact)) if others else None
