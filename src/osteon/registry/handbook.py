"""The page that explains every rule to a data manager: ``docs/how-to/findings.md``."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import dedent
from typing import Protocol

from osteon.registry.checks import as_sentence
from osteon.registry.rules import RULES, Rule


class ReadersRule(Protocol):
    """What a reader's rule tells of itself; ``scope`` is ``row`` or ``cell``."""

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def title(self) -> str: ...  # noqa: D102
    @property
    def scope(self) -> str: ...  # noqa: D102
    @property
    def reason(self) -> str: ...  # noqa: D102
    @property
    def example(self) -> str: ...  # noqa: D102
    @property
    def cure(self) -> str: ...  # noqa: D102


def rules_markdown(source_rules: Sequence[ReadersRule] = ()) -> str:
    """Return the page as Markdown: the readers' rules as given, then the data rules by number.

    >>> page = rules_markdown()
    >>> page.splitlines()[0]
    '# Findings: what can be wrong with the data, and what to do'
    """
    parts = [_HEAD]
    if source_rules:
        parts.append("## While files are read")
        parts += [_section(rule, _READING[rule.scope]) for rule in source_rules]
    parts.append("## When the registry is checked")
    parts += [_section(rule, _checking(rule)) for rule in sorted(RULES, key=lambda rule: rule.id)]
    return "\n\n".join(parts) + "\n"


def _section(rule: ReadersRule | Rule, follows: str) -> str:
    example = "\n".join(line.rstrip() for line in dedent(rule.example).strip().splitlines())
    if "\n" in example:
        example = f"\n\n```\n{example}\n```"
    return "\n\n".join(
        (
            f'### <a id="{rule.id.lower()}"></a>{rule.id} {rule.title[:1].upper()}{rule.title[1:]}',
            as_sentence(rule.reason),
            f"**What follows.** {follows}",
            f"**What to do.** {as_sentence(rule.cure)}",
            f"**Smallest example.** {example}",
        )
    )


def _checking(rule: Rule) -> str:
    follows = {
        "reject": "The row is set aside. No analysis sees it; every report counts it.",
        "exclude": "The row stays; its patient is left out of these analyses: "
        f"{', '.join(rule.excludes)}.",
        "warn": "Nothing is left out; every report counts it.",
    }[rule.severity]
    if rule.needs_calendar:
        follows += (
            " Needs calendar dates: a registry that counts days from diagnosis does not run it."
        )
    return follows


_READING = {
    "row": "The row is set aside. No analysis sees it; every report counts it.",
    "cell": "The cell is left empty. Where that would change an answer (a date of death that "
    'cannot be read must not become "alive"), the patient is left out of the analyses concerned; '
    "elsewhere it is only counted.",
}

_HEAD = """# Findings: what can be wrong with the data, and what to do

Every row of a file is in one of three places: stored, not applicable, or set aside with a rule and a
reason. `osteon check` counts the findings; on request it writes a file that names file and row of
each, never a value. In the examples an empty cell is missing, `2014-05` is a day known to the
month, and `found` marks the rows that the rule finds.

| severity | what follows |
|---|---|
| reject | the row is set aside |
| exclude | the row stays, its patient is left out of the analyses named |
| warn | nothing but the count |"""
