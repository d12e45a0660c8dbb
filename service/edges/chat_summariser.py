"""Summaries by a language model behind an OpenAI-compatible server (Ollama, llama.cpp, vLLM, a cloud); the extra [llm].

The model proposes, `summary.evidence` disposes: a sentence that the story does not bear out is refused. Whatever goes wrong (refused,
late, down, over the day's budget), the summariser behind this one stands in and the summary's note says so: a letter never waits for
a model. Nothing of the story is logged.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from service.contracts import Failure, Permanent, Summariser, Temporary
from service.edges.in_time import in_time
from service.records import Form, Sentence, Story, Summary
from service.summary import prompt

log = logging.getLogger("nutgraf")

LARGEST_ANSWER = 1_000_000
LONGEST_TEXT = 20_000  # thoughts and all
MOST_TOKENS = 1_000_000_000  # what is more is no count, and no database's integer
# How long a server that failed is left alone: twice as long each time, so that a dead one does not slow every story down.
FIRST_REST = timedelta(minutes=1)
LONGEST_REST = timedelta(hours=1)
# A story as short as a summary needs none.
SHORTEST = 400

BUDGET_SPENT = "the model's budget for the day is spent, so nutgraf stood in"
RESTING = "the model failed and is left alone for a while, so nutgraf stood in"
REFUSED = "the story did not bear out what the model wrote, so nutgraf stood in"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model wrote and how many tokens it charged."""

    text: str
    tokens: int


class DayBudget:
    """Counts tokens a day (UTC). `ledger`, where given, keeps the count over a restart."""

    def __init__(self, tokens_a_day: int, ledger: Path | None = None) -> None:
        self._limit = tokens_a_day
        self._ledger = ledger
        self._day, self._spent = self._read()

    def allows(self, tokens: int, today: date) -> bool:
        """Whether so many tokens may still be spent today."""
        return self.spent(today) + tokens <= self._limit

    def spent(self, today: date) -> int:
        """Return how many tokens were spent today."""
        return self._spent if self._day == today.isoformat() else 0

    def charge(self, tokens: int, today: date) -> None:
        """Count tokens as spent."""
        self._spent = self.spent(today) + tokens
        self._day = today.isoformat()
        if self._ledger:
            with suppress(OSError):  # a full disk is no reason to stop
                self._ledger.write_text(f"{self._day} {self._spent}\n", "utf-8")

    def _read(self) -> tuple[str, int]:
        try:
            day, spent = self._ledger.read_text("utf-8").split() if self._ledger else ("", "0")
            return day, int(spent)
        except (OSError, ValueError):  # none yet, or damaged: a day's count is no reason to stop
            return "", 0


class ChatSummariser:
    """`contracts.Summariser`: asks a model, checks every sentence of its answer, and falls back on `instead`."""

    def __init__(
        self,
        instead: Summariser,
        url: str,
        model: str,
        now: Callable[[], datetime],
        *,
        key: str = "",
        timeout: timedelta = timedelta(seconds=60),
        budget: DayBudget | None = None,
    ) -> None:
        self._instead = instead
        self._model = model
        self._now = now
        self._budget = budget or DayBudget(200_000)
        self._limit = timeout
        self._rest = FIRST_REST
        self._resting_until: datetime | None = None
        headers = {"Accept-Encoding": "identity", **({"Authorization": f"Bearer {key}"} if key else {})}
        # trust_env: settings are the only reader of the environment; redirects would carry the key and the story elsewhere.
        self._http = httpx.Client(
            base_url=url.rstrip("/"), headers=headers, timeout=timeout.total_seconds(), trust_env=False, follow_redirects=False
        )

    def __enter__(self) -> Self:
        """Return this summariser, to be closed at the end of the block."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close the connections."""
        self.close()

    def summarise(self, story: Story, sentences: int) -> Summary:
        """Return the model's summary as far as the story bears it out, else the other summariser's with a note. Raises Temporary (its)."""
        if story.form is not Form.ARTICLE or len(story.text) < SHORTEST or sentences < 1:
            return self._instead.summarise(story, sentences)
        question = prompt.messages(story, sentences)
        reason = self._reason_not_to_ask(question, sentences)
        if reason:
            return self._stand_in(story, sentences, reason, 0)
        try:
            answer = self._ask(question, sentences)
        except Failure as failure:
            self._rest_a_while(failure)
            return self._stand_in(story, sentences, f"{failure}, so nutgraf stood in", 0)
        self._rest, self._resting_until = FIRST_REST, None
        return self._checked(story, sentences, answer)

    def check(self) -> None:
        """Ask for a word, to see that the model answers. Raises Failure."""
        self._ask([{"role": "user", "content": "Say yes."}], 1)

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    # -- asking ----------------------------------------------------------------------------------------------------------

    def _reason_not_to_ask(self, question: list[dict[str, str]], sentences: int) -> str:
        if self._resting_until and self._now() < self._resting_until:
            return RESTING
        expected = sum(prompt.tokens(message["content"]) for message in question) + _answer_tokens(sentences)
        return "" if self._budget.allows(expected, self._now().date()) else BUDGET_SPENT

    def _ask(self, question: list[dict[str, str]], sentences: int) -> Answer:
        """Return the model's answer, its tokens charged. Raises Temporary, Permanent: httpx's faults are translated here alone."""
        body = {
            "model": self._model,
            "messages": question,
            "temperature": 0,
            "max_tokens": _answer_tokens(sentences),
            "stream": False,
        }
        try:
            response, content = in_time(self._limit.total_seconds(), lambda: self._post(body))
        except (httpx.TimeoutException, TimeoutError) as error:
            raise Temporary("the model did not answer in time") from error
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise Temporary(f"the model could not be reached ({type(error).__name__})") from error
        _raise_for(response)
        answer = _answer(content)
        tokens = answer.tokens or sum(prompt.tokens(message["content"]) for message in question) + prompt.tokens(answer.text)
        self._budget.charge(tokens, self._now().date())
        return replace(answer, tokens=tokens)

    def _post(self, body: Mapping[str, object]) -> tuple[httpx.Response, bytes]:
        deadline = time.monotonic() + self._limit.total_seconds()
        with self._http.stream("POST", "/chat/completions", json=body) as response:
            return response, self._content(response, deadline)

    def _content(self, response: httpx.Response, deadline: float) -> bytes:
        """Return the body, as long as it comes in time and is not endless: httpx's own timeout begins anew with every piece."""
        content = b""
        for piece in response.iter_raw():  # never unpacked: what is packed twice has no end
            content += piece
            if len(content) > LARGEST_ANSWER:
                raise Temporary("the model's answer is too long")
            if time.monotonic() > deadline:
                raise Temporary("the model did not answer in time")
        return content

    def _rest_a_while(self, failure: Failure) -> None:
        wished = failure.retry_after if isinstance(failure, Temporary) else LONGEST_REST
        self._resting_until = self._now() + min(max(wished or self._rest, self._rest), LONGEST_REST)
        self._rest = min(2 * self._rest, LONGEST_REST)
        fix = f"; {failure.fix}" if isinstance(failure, Permanent) and failure.fix else ""
        log.warning("%s%s", failure, fix, extra={"action": "model failed", "until": self._resting_until.isoformat()})

    # -- checking --------------------------------------------------------------------------------------------------------

    def _checked(self, story: Story, sentences: int, answer: Answer) -> Summary:
        from service.summary.evidence import Evidence

        evidence = Evidence(replace(story, text=story.text[: 2 * prompt.LONGEST]))  # the model was shown no more
        written = prompt.answered(answer.text, story.language or "")[:sentences]
        findings = [(text, evidence.judge(text)) for text in written]
        believed = tuple(Sentence(text, finding.start) for text, finding in findings if not finding.reason)
        refused = [finding.reason for _, finding in findings if finding.reason]
        log.info(
            "a model condensed a story",
            extra={"action": "model answered", "believed": len(believed), "refused": "; ".join(refused), "tokens": answer.tokens},
        )
        if not believed:
            return self._stand_in(story, sentences, REFUSED, answer.tokens)
        note = f"{len(refused)} of {len(written)} sentences of the model were refused" if refused else ""
        title = None if story.title else self._instead.summarise(story, 1).title
        return Summary(believed, title=title, written_by=self._model, note=note, tokens=answer.tokens)

    def _stand_in(self, story: Story, sentences: int, reason: str, tokens: int) -> Summary:
        summary = self._instead.summarise(story, sentences)
        return replace(summary, note="; ".join(note for note in (reason, summary.note) if note), tokens=summary.tokens + tokens)


def _answer_tokens(sentences: int) -> int:
    """Return how long an answer may become: models that think aloud need room for it."""
    return 400 + 120 * sentences


def _raise_for(response: httpx.Response) -> None:
    """Raise what a status says: a person must mend the address, the name or the key; the rest passes."""
    status = response.status_code
    if status in (400, 401, 403, 404, 405, 422) or response.is_redirect:
        raise Permanent(f"the model's server refused ({status})", fix="look at NUTGRAF_MODEL_URL, NUTGRAF_MODEL and NUTGRAF_MODEL_KEY")
    if status != httpx.codes.OK:
        raise Temporary(f"the model's server failed ({status})", retry_after=_retry_after(response))


def _retry_after(response: httpx.Response) -> timedelta | None:
    """Return the wish of a Retry-After header in seconds (RFC 9110, 10.2.3); its date form is not worth a clock."""
    wish = response.headers.get("Retry-After", "")
    return timedelta(seconds=min(int(wish), 86_400)) if wish.isascii() and wish.isdigit() and len(wish) < 8 else None


def _answer(content: bytes) -> Answer:
    """Return the first choice of a chat completion. Raises Temporary where the body is none."""
    try:
        body: Any = json.loads(content)
        choice = body["choices"][0]
        text = choice["message"]["content"]
        total = (body.get("usage") or {}).get("total_tokens") or 0
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise Temporary("the model's answer could not be read") from error
    if not isinstance(text, str) or not isinstance(total, int) or not 0 <= total < MOST_TOKENS:
        raise Temporary("the model's answer could not be read")
    text = text[:LONGEST_TEXT]
    return Answer(_whole(text) if choice.get("finish_reason") == "length" else text, total)


def _whole(text: str) -> str:
    """Return an answer that was cut off, without its last, broken sentence."""
    end = max(text.rfind(mark) for mark in ".!?。！？।؟")
    return text[: end + 1]
