"""The command line: composes the stages, shows progress, prints mistakes with their cure.

Stages are imported inside the commands, so that ``osteon --help`` answers at once.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from osteon.errors import OsteonError

if TYPE_CHECKING:
    from osteon.contracts.protocol import Protocol
    from osteon.contracts.results import Results
    from osteon.contracts.tables import Delivery

app = typer.Typer(
    name="osteon",
    no_args_is_help=True,
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

WIDTH = 132
"""Columns of the closing table: it is read whole, so it is not folded into a narrow terminal."""

Progress = Callable[[str, float], None]
RegistryOption = Annotated[Path, typer.Option("--registry", "-R", help="the registry file")]
OutOption = Annotated[Path, typer.Option("--out", "-o", help="folder to write to")]


def main() -> None:
    """Run the command line; a mistake prints what is wrong and what to do, and exits with 2."""
    # Sums in one order on every machine, and no waiting for threads over small matrices.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        app()
    except OsteonError as error:
        typer.secho(str(error), fg="red", err=True)
        sys.exit(2)
    except KeyboardInterrupt:
        typer.secho("Stopped; nothing half-done is left behind.", fg="yellow", err=True)
        sys.exit(130)


@app.callback()
def osteon(
    version: Annotated[bool, typer.Option("--version", help="print the version")] = False,
) -> None:
    """From a neuroendocrine-tumour centre's records to an audited study of bone metastases."""
    if version:
        from osteon import __version__

        typer.echo(__version__)
        raise typer.Exit


@app.command()
def demo(
    out: OutOption = Path("out/demo"),
    protocol: Annotated[str, typer.Option(help="essen_sinet_2025 or essen_pannet_2023")] = (
        "essen_sinet_2025"
    ),
) -> None:
    """A synthetic centre, from its export files to the finished report."""
    from osteon.contracts.protocol import Protocol
    from osteon.registry import Registry, import_deliveries
    from osteon.simulate import Scenario
    from osteon.simulate import simulate as write_centre

    asked, registry = Protocol.load(protocol), out / "centre.duckdb"
    out.mkdir(parents=True, exist_ok=True)
    with _stage("simulate", "a centre's export files") as tell:
        centre = write_centre(Scenario.load(protocol), out / "export", progress=_counted(tell))
    registry.unlink(missing_ok=True)
    with _stage("read", f"{len(centre.exports)} export files, {centre.rows:,} rows") as tell:
        deliveries = _deliveries([e.path for e in centre.exports], None, tell)
    with _stage("import", str(registry)) as tell:
        Registry.create(registry).close()
        import_deliveries(registry, deliveries, progress=tell)
    results = _study(registry, asked, out, mask=False)
    _closing_words(results, out)


@app.command()
def ingest(
    files: Annotated[list[Path], typer.Argument(help="export files")],
    mapping: Annotated[
        Path | None,
        typer.Option(help="mapping file; without it each FILE's own, FILE.toml or STEM.toml"),
    ] = None,
    registry: RegistryOption = Path("registry.duckdb"),
    draft_mapping: Annotated[
        bool, typer.Option("--draft-mapping", help="print a mapping to edit, read nothing in")
    ] = False,
) -> None:
    """Read export files into a registry: all of them, or nothing."""
    if draft_mapping:
        from osteon.sources import draft_mapping as draft

        for file in files:
            typer.echo(draft(file))
        return
    from osteon.registry import Registry, import_deliveries

    with _stage("read", f"{len(files)} export files") as tell:
        deliveries = _deliveries(files, mapping, tell)
    if not registry.exists():
        Registry.create(registry).close()
    with _stage("import", f"into {registry}") as tell:
        report = import_deliveries(registry, deliveries, progress=tell)
    for source in report.sources:
        typer.echo(f"  {source.source}: {source.outcome}, {source.rows_in:,} rows in")
        for count in report.counts:
            if count.source == source.source:
                typer.echo(
                    f"    {count.table}: {count.stored:,} stored, {count.not_applicable:,} not "
                    f"applicable, {count.set_aside:,} set aside"
                )
    found = sum(f.count or 0 for f in report.checks.findings)
    if found:
        typer.echo(f"  {found:,} findings; osteon check {registry} tells them with their cures")


@app.command()
def check(
    registry: Annotated[Path, typer.Argument(help="the registry file")],
    write: Annotated[
        Path | None, typer.Option(help="write the rows (file, row, rule, reason) to this CSV")
    ] = None,
) -> None:
    """What is wrong with the data, counted, with the cure."""
    from osteon.registry import Registry, write_findings
    from osteon.registry import check as run_checks

    with Registry.open(registry) as opened:
        report = run_checks(opened, cures=_cures())
        for sentence in report.sentences():
            typer.echo(sentence)
        n = {s: report.count(s) for s in ("reject", "exclude", "warn")}
        typer.echo(
            f"{n['reject']} rows set aside, {n['exclude']} findings that exclude a patient from "
            f"analyses, {n['warn']} warnings."
        )
        if write is not None:
            written = write_findings(opened, write)
            typer.echo(f"{written} findings written to {write}: file, row, rule and reason.")


@app.command()
def study(
    protocol: Annotated[str, typer.Argument(help="a protocol file, or a shipped protocol's name")],
    registry: RegistryOption = Path("registry.duckdb"),
    out: OutOption = Path("out/study"),
    mask: Annotated[
        bool, typer.Option("--mask", help="mask small cells, for what leaves the centre")
    ] = False,
) -> None:
    """Run a protocol: results.json, report.html, .docx, .pdf, tables and figures."""
    from osteon.contracts.protocol import Protocol

    results = _study(registry, Protocol.load(protocol), out, mask=mask)
    _closing_words(results, out)


@app.command()
def protocol(
    name: Annotated[str, typer.Argument(help="a protocol file, or a shipped protocol's name")] = "",
    copy: Annotated[
        Path | None, typer.Option(help="write it to this new .toml file, to be changed")
    ] = None,
) -> None:
    """Every setting of a protocol with its value and meaning; without a name, the shipped ones."""
    from osteon.contracts.protocol import Protocol, copy_of, shipped
    from osteon.study import check_names

    if not name:
        typer.echo("\n".join(shipped()))
        return
    loaded = Protocol.load(name)
    check_names(loaded)
    if copy:
        copy_of(name, copy)
        typer.echo(f"  {copy}   change it, then: osteon study {copy}")
        return
    typer.echo(f"{loaded.name} version {loaded.version}, hash {loaded.hash}")
    for setting in loaded.in_words():
        origin = "stated " if setting.stated else "default"
        typer.echo(f"{origin}  {setting.name} = {setting.value}\n           {setting.meaning}")


@app.command()
def simulate(
    scenario: Annotated[str, typer.Argument(help="a scenario file, or a shipped scenario's name")],
    out: OutOption = Path("out/centre"),
) -> None:
    """A synthetic centre with a known truth: its export files and their mappings."""
    from osteon.simulate import Scenario
    from osteon.simulate import simulate as write_centre

    with _stage("simulate", scenario) as tell:
        centre = write_centre(Scenario.load(scenario), out, progress=_counted(tell))
    for export in centre.exports:
        typer.echo(f"  {export.path}   {export.rows:,} rows")
    typer.echo(f"  {centre.truth}   what really happened; not for ingestion")


@app.command()
def template(
    directory: Annotated[Path, typer.Argument(help="folder to write to; made if it is not there")],
) -> None:
    """CSV files to fill in, one a table, with an example patient and their mappings."""
    from osteon.sources import write_template

    for path in write_template(directory):
        typer.echo(f"  {path}")


def _deliveries(files: list[Path], mapping: Path | None, tell: Progress) -> list[Delivery]:
    from osteon.sources import deliver, read_mapping

    return [
        deliver(file, read_mapping(mapping or _own_mapping(file)), progress=_counted(tell))
        for file in files
    ]


def _counted(tell: Progress) -> Callable[[str, int, int | None], None]:
    """Progress told as done of total, for stages that count."""
    return lambda what, done, total: tell(what, done / total if total else 0.0)


def _own_mapping(file: Path) -> Path:
    beside = (file.with_suffix(file.suffix + ".toml"), file.with_suffix(".toml"))
    return next((path for path in beside if path.is_file()), beside[1])


def _cures() -> dict[str, str]:
    from osteon.sources import RULES

    return {name: rule.cure for name, rule in RULES.items()}


def _study(registry: Path, asked: Protocol, out: Path, *, mask: bool) -> Results:
    from osteon.cohort import build_cohort
    from osteon.registry import Registry
    from osteon.report import Helper, write_report
    from osteon.report import mask as masked
    from osteon.study import run_study

    with Helper() as helper:
        with (
            Registry.open(registry, read_only=True) as opened,
            _stage("study", f"{asked.name} @ {asked.hash[:7]}") as tell,
        ):
            cohort = build_cohort(opened, asked, cures=_cures())
            results, patients = run_study(cohort, progress=tell)
        with _stage("report", str(out)) as tell:
            write_report(
                results,
                out,
                patient_level=patients,
                mask=mask,
                progress=lambda what: tell(what, 0.0),
                helper=helper,
            )
    return masked(results) if mask else results


@contextmanager
def _stage(name: str, what: str) -> Iterator[Progress]:
    """Show what runs and how far it is while it runs; leave a line with the time it took."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    started = time.perf_counter()
    columns = (TextColumn("  {task.description}"), BarColumn(bar_width=24))
    console = Console(stderr=True)
    hidden = not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=hidden) as bar:
        task = bar.add_task(f"{name:<9} {what}", total=1.0)

        def tell(stage: str, done: float) -> None:
            bar.update(task, description=f"{name:<9} {stage}", completed=done)

        yield tell
    typer.echo(f"  {name:<9} {what:<52} {time.perf_counter() - started:5.1f} s")


def _closing_words(results: Results, out: Path) -> None:
    """The table of published and obtained figures, the ledger in one line, where to look."""
    from rich.console import Console
    from rich.table import Table

    if results.published:
        table = Table(box=None, pad_edge=False, padding=(0, 1))
        for heading in ("  published", "", "as published", "", "recommended"):
            table.add_column(heading, no_wrap=True)
        for c in results.published:
            count = f" ({c.obtained_count})" if c.obtained_count else ""
            table.add_row(
                f"  {c.figure}", c.printed, f"{c.obtained}{count}", c.verdict, c.recommended
            )
        typer.echo()
        Console(width=max(WIDTH, Console().width)).print(table)
    statuses = [entry.status for entry in results.ledger]
    counted = ", ".join(f"{statuses.count(s)} {s}" for s in ("handled", "bounded", "open"))
    typer.echo(f"\n  bias ledger: {counted}")
    typer.echo(f"  report    {out / 'report.html'}   (.docx .pdf results.json)")
    if results.provenance.synthetic:
        typer.echo("  This centre is synthetic.")
    if results.conditioned_on:
        typer.echo(f"  {results.conditioned_on}")
