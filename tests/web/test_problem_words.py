"""The studio tells findings in Chinese too: of whatever the code says, and in words that the code still uses."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from newsletter.problems import NewsletterError, Problem, Source, error
from newsletter.publication import Publication, load_publication
from newsletter.web import words
from newsletter.web.problem_words import (
    error_hint,
    error_message,
    reason,
    sentence,
    told,
)
from newsletter.web.words import FOLDER
from newsletter.workflow.issues import check

REPOSITORY = Path(__file__).resolve().parent.parent.parent
GOLDEN = REPOSITORY / "tests" / "golden"
_HOLE = re.compile(r"\{([a-z_]+)\}")
_TELLS = {"error", "warning", "notice", "warn", "tell", "Oddity", "PictureTrouble"}
_TOLD_BY_OTHERS = {"template-error", "mjml", "print-template"}
"""Their messages are those of Jinja, of a table of rules and of Typst."""


_MADE_OF_PARTS = {
    "7: 7",
    "Fields: 7. 7",
    "printing this issue 7",
    "no font of the print edition has U+7 7 (7)7",
    "It is printed as 7. 7",
    "Each is printed as 7. 7",
}
"""Their parts stand elsewhere in the code; they are judged below, one by one."""


@pytest.fixture
def chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newsletter.web.problem_words.language", lambda: "zh-Hans")


@cache
def _written() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    return tomllib.loads((FOLDER / "problems.zh-Hans.toml").read_text(encoding="utf-8"))


def _pairs() -> Iterator[tuple[str, str]]:
    written = _written()
    for table in (*written["problems"].values(), *written["values"].values()):
        yield from table.items()
    for name in ("hints", "errors"):
        yield from written[name].items()  # type: ignore[misc]


def _problem(code: str, message: str, hint: str = "") -> Problem:
    return error(code, Source("issue.md", 1), message, hint)


# What the code says


@cache
def _modules() -> tuple[ast.Module, ...]:
    files = sorted((REPOSITORY / "newsletter").rglob("*.py"))
    return tuple(ast.parse(path.read_text(encoding="utf-8")) for path in files)


def _texts(node: ast.expr, inside: ast.AST) -> Iterator[str]:
    """What an expression may say; "7" stands for each value in it. A name is looked up in its function."""
    match node:
        case ast.Constant(value=str() as text):
            yield text
        case ast.JoinedStr(values=parts):
            yield "".join(str(p.value) if isinstance(p, ast.Constant) else "7" for p in parts)
        case ast.IfExp(body=one, orelse=other):
            yield from _texts(one, inside)
            yield from _texts(other, inside)
        case ast.Name(id=name):
            before = [
                (assigned.lineno, assigned.value)
                for assigned in ast.walk(inside)
                if isinstance(assigned, ast.Assign)
                and [getattr(target, "id", "") for target in assigned.targets] == [name]
                and assigned.lineno < node.lineno
            ]
            if before:
                yield from _texts(max(before, key=lambda one: one[0])[1], ast.Module([], []))


def _told_in_code() -> Iterator[tuple[str, str, str]]:
    """(code, "message" or "hint", text) of every finding that names its code and its words."""
    known = set(_written()["problems"])
    for module in _modules():
        functions = [node for node in ast.walk(module) if isinstance(node, ast.FunctionDef)]
        for function in functions:
            for call in ast.walk(function):
                if not isinstance(call, ast.Call):
                    continue
                name = getattr(call.func, "attr", getattr(call.func, "id", ""))
                at = next(
                    (
                        place
                        for place, given in enumerate(call.args)
                        if isinstance(given, ast.Constant) and given.value in known
                    ),
                    None,
                )
                if name not in _TELLS or at is None:
                    continue
                code = str(getattr(call.args[at], "value", ""))
                # PictureTrouble says no place, all others do.
                first = at + 1 if name == "PictureTrouble" else at + 2
                for what, given in zip(("message", "hint"), call.args[first:], strict=False):
                    for text in _texts(given, function):
                        yield code, what, text


def test_every_documented_problem_has_chinese_words() -> None:
    documented = re.findall(
        r"^\| `([a-z][a-z0-9-]+)` \|",
        (REPOSITORY / "docs" / "problems.md").read_text(encoding="utf-8"),
        re.M,
    )
    assert len(documented) > 130
    assert sorted(set(documented) - set(_written()["problems"])) == []


@pytest.mark.usefixtures("chinese")
def test_every_finding_that_the_code_words_is_told_in_chinese() -> None:
    found = set(_told_in_code())
    assert len(found) > 150
    english = []
    for code, what, text in found:
        if text in _MADE_OF_PARTS:
            continue
        message, hint = told(_problem(code, text if what == "message" else "", text))
        if text and (message if what == "message" else hint) == text:
            english.append((code, what, text))
    assert sorted(english) == []


@pytest.mark.usefixtures("chinese")
def test_every_wrong_value_of_the_settings_is_told_in_chinese() -> None:
    calls = [
        call
        for module in _modules()
        for call in ast.walk(module)
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "refuse"
    ]
    assert len(calls) >= 10
    for call in calls:
        for text in _texts(call.args[1], call):
            message, _ = told(_problem("settings-value", f"base_url: {text}"))
            assert message != f"base_url: {text}"
        for text in _texts(call.args[2], call) if call.args[2:] else ():
            assert error_hint(text) != text


_OPERATIONS = (
    *(
        "workflow/" + name
        for name in [
            "bulk",
            "campaigns",
            "composing",
            "dispatch",
            "editing",
            "issue_folders",
            "lists",
            "parts",
            "person_details",
            "picture_files",
            "plans",
            "scheduling",
            "segments",
            "source_files",
            "starting",
            "steering",
            "suppressions",
            "undoing",
            "worker",
        ]
    ),
    "subscribers/segments",
)
"""What the studio's forms and buttons call."""
_REFUSES = {
    *("NewsletterError", "UsageError", "NotConfirmed", "Changed", "TryAgainLater", "BadCondition"),
}


def _refusals() -> Iterator[tuple[str, str]]:
    """("message", "condition" or "hint", text) of every exception for a person that an operation raises in words of its own."""
    for operation in _OPERATIONS:
        path = REPOSITORY / "newsletter" / f"{operation}.py"
        module = ast.parse(path.read_text(encoding="utf-8"))
        for function in ast.walk(module):
            if not isinstance(function, ast.FunctionDef):
                continue
            for call in ast.walk(function):
                if isinstance(call, ast.Call) and getattr(call.func, "id", "") in _REFUSES:
                    of_condition = getattr(call.func, "id", "") == "BadCondition"
                    given = [call.args[0], *call.args[2 if of_condition else 1 :]]
                    kinds = ("condition" if of_condition else "message", "hint")
                    for what, part in zip(kinds, given, strict=False):
                        yield from ((what, text) for text in _texts(part, function))


@pytest.mark.usefixtures("chinese")
def test_every_refusal_of_the_studio_is_told_in_chinese() -> None:
    found = set(_refusals())
    assert len(found) > 120
    english = []
    for what, text in found:
        plain = _HOLE.sub("7", text)
        if what == "condition":
            whole = error_message(f"{plain} (at character 7 of the condition)")
            shown = whole.partition("（条件第")[0]
        else:
            shown = error_message(plain) if what == "message" else error_hint(plain)
        if shown == plain and plain not in _MADE_OF_PARTS:
            english.append((what, text))
    assert sorted(english) == []


def test_every_template_is_still_what_the_code_says() -> None:
    said = _said()
    gone = []
    of_others = _written()["values"]["fault"]
    for english, _ in _pairs():
        if english in of_others:
            continue
        if not _HOLE.sub("", english).strip():
            continue
        plain = _HOLE.sub("7", english)
        tails = [plain, plain.removeprefix("7: "), plain.removeprefix("7")]
        if not any(pattern.search(tail) for pattern in said for tail in tails):
            gone.append(english)
    assert gone == []


@cache
def _said() -> tuple[re.Pattern[str], ...]:
    """Every text of the code that has words in it, with anything for its values."""
    patterns: set[str] = set()
    for module in _modules():
        for node in ast.walk(module):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                patterns.add(re.escape(node.value))
            elif isinstance(node, ast.JoinedStr):
                parts = [
                    re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".*"
                    for part in node.values
                ]
                if sum(len(part) for part in parts if part != ".+") >= 6:
                    patterns.add("".join(parts))
    return tuple(re.compile(rf"\A{pattern}\Z", re.S) for pattern in patterns)


def test_the_chinese_has_no_values_that_the_english_lacks() -> None:
    for english, chinese_words in _pairs():
        assert set(_HOLE.findall(chinese_words)) <= set(_HOLE.findall(english)), english
        assert re.search(r"[\u4e00-\u9fff]", chinese_words) or "{" in chinese_words, english


# What is found in issues


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize("case", sorted(path.name for path in GOLDEN.iterdir()))
def test_all_that_is_found_in_the_judged_issues_is_told_in_chinese(
    case: str, new_publication: Path
) -> None:
    here = load_publication(new_publication, {})
    _all_in_chinese(check(here, str(GOLDEN / case / "issue")))


@pytest.mark.usefixtures("chinese")
def test_all_that_is_found_in_the_real_sample_is_told_in_chinese(
    publication: Publication, sample: Path
) -> None:
    _all_in_chinese(check(publication, str(sample)))


def _all_in_chinese(problems: tuple[Problem, ...]) -> None:
    assert problems
    for problem in problems:
        message, hint = told(problem)
        assert message != problem.message, problem
        assert not problem.hint or hint != problem.hint, problem


# As somebody reads it


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize(
    ("code", "english", "expected"),
    [
        (
            "figure-number",
            "the caption says Figure 2 but this is figure 3 of the article",
            "图注写着“Figure 2”，但这是本文的图 3",
        ),
        ("link-insecure", "not encrypted: http://a.example/?x={url}", None),
        ("mail-text-empty", "the mail's text part is empty", "邮件的纯文本部分为空"),
        (
            "front-matter-type",
            "authors: this must be a list of texts",
            "authors：这里须是文本的列表",
        ),
        (
            "link-refused",
            "this link is refused: ftp://a: links to ftp: are not allowed; use https, http, mailto or tel",
            "链接被拒绝：ftp://a：不允许 ftp: 链接，请用 https、http、mailto 或 tel",
        ),
        (
            "email-cut",
            "the mail shows the beginning of “Ducks: a life”: 9,000 bytes became 700",
            "邮件只显示“Ducks: a life”的开头：由 9,000 字节减为 700",
        ),
        (
            "missing-glyph",
            "no font of the print edition has U+1F600 😀 (GRINNING FACE), and 2 more times",
            "印刷版字体都没有 U+1F600 😀，另有 2 处",
        ),
        (
            "print-limit",
            "printing this issue took more than 60 seconds",
            "排版本期超过了 60 秒",
        ),
        ("settings-type", "theme: must be one of: a, b", "theme：须为下列之一：a, b"),
        ("settings-type", "smtp.port: must be a whole number", "smtp.port：须是整数"),
        ("bracket-width", "something new that nobody has translated", None),
    ],
)
def test_a_message_reads_so(code: str, english: str, expected: str | None) -> None:
    message, _ = told(_problem(code, english))
    if code == "link-insecure":
        expected = "未加密：http://a.example/?x={url}"
    assert message == (expected or english)


@pytest.mark.usefixtures("chinese")
def test_what_stops_a_campaign_and_why_it_stands_still_reads_so() -> None:
    assert reason("it was paused by hand") == "已手动暂停"
    assert reason("3 deliveries are deferred") == "3 封投递已推迟"
    assert reason("smtp.example.com, DATA: 451 later") == "smtp.example.com, DATA: 451 later"
    assert error_message("not confirmed: 12 was typed, the issue has 15 recipients") == (
        "未确认：输入的是 12，本期有 15 位收件人"
    )
    assert error_message(
        "the approval of campaign 4 is void: a.md changed after Ann approved it"
    ) == ("4 号发送的批准已作废：Ann 批准之后改动了 a.md")
    assert error_message("not confirmed: no count was typed, it is about 9 people") == (
        "未确认：没有输入人数，涉及 9 人"
    )
    at = "(at character 12 of the condition)"
    assert error_message(f"`7` stands where an operator is expected {at}") == (
        "此处应为运算符，却写了 `7`（条件第 12 字）"
    )
    assert error_message("campaign 2 is finished: there is nothing to resume") == (
        "2 号发送已发送完毕，没有可继续的"
    )
    assert error_hint(
        "It is printed as 〓. Lay a font that has it in the publication's folder fonts/ "
        "(newsletter doctor tells which there are)."
    ).startswith("印作 〓。请把含该字的字体")
    assert error_hint("Nothing was sent.") == "没有发送任何邮件。"
    stopped = NewsletterError("there is nobody left to send it to", "Nothing was changed.")
    assert sentence(stopped) == "没有可发送的人。没有任何改动。"


def test_in_english_everything_stays_as_it_was_said() -> None:
    problem = _problem("image-missing", "figure file not found: a.png", "Put the file there.")
    assert words.language() == "en"
    assert told(problem) == (problem.message, problem.hint)
    assert error_message("there is no campaign 3") == "there is no campaign 3"
    assert sentence(NewsletterError("no", "Try again.")) == "no. Try again."


def test_the_studio_shows_findings_in_the_language_of_the_reader_and_escapes_them(
    preview: TestClient, orchard: Path
) -> None:
    article = orchard / "issues" / "2026-05" / "01-fruit" / "01-apples.md"
    text = article.read_text(encoding="utf-8")
    article.write_text(text + "\n\n![](figures/<b>gone.png)\n", encoding="utf-8")
    query = "/studio/2026-05?file=01-fruit/01-apples.md"
    page = preview.get(query, headers={"accept-language": "zh-CN"}).text
    assert "找不到图片文件：figures/&lt;b&gt;gone.png" in page
    assert "请放入文件或改正文件名" in page
    assert '<span class="said">错误: </span>' in page
    assert "figure file not found" not in page, "neither in the drawer nor in the editor's marks"
    english = preview.get(query, headers={"accept-language": "en"}).text
    assert "figure file not found: figures/&lt;b&gt;gone.png" in english


def test_a_refused_button_of_the_send_panel_says_why_in_the_language_of_the_reader(
    preview: TestClient,
) -> None:
    for language, expected in (
        ("zh-CN", "没有 99 号发送。查看全部：newsletter campaigns list"),
        ("en", "there is no campaign 99. See them: newsletter campaigns list"),
    ):
        answer = preview.post(
            "/studio/2026-05/send/pause",
            data={"campaign": "99"},
            headers={"accept-language": language},
        )
        assert answer.status_code == 409
        assert expected in answer.text


def test_a_condition_that_cannot_be_read_says_why_in_chinese(preview: TestClient) -> None:
    page = preview.get(
        "/subscribers/segments",
        params={"condition": "langage = de"},
        headers={"accept-language": "zh-CN"},
    )
    assert "没有字段 langage（条件第 1 字）。是不是 language？" in page.text
