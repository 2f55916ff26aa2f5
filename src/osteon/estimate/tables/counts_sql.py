"""A history counted where it lies: the query whose result is a risk table."""

from __future__ import annotations

from osteon.errors import EstimateError


def counts_sql(
    history: str,
    *,
    exit: str = "exit",
    event: str = "event",
    entry: str | None = None,
    from_state: str | None = None,
    stratum: str | None = None,
    weight: str | None = None,
) -> str:
    """Query that counts a history where it lies and returns counts by day instead of patients.

    Parameters
    ----------
    history : str
        What to read, one row an interval: the name of a table or view, or a query in parentheses.
    exit, entry : str
        Columns with the end and the start of each interval, in days since time zero; without
        ``entry`` all enter at 0.
    event : str
        Column with the state entered at ``exit``: its name, or its index in ``states``; 0 or NULL
        where the interval ended without a transition.
    from_state, stratum : str, optional
        Columns with the state the interval is spent in, and its stratum: names or indices.
        Default: the initial state, and one stratum.
    weight : str, optional
        Column with the case weight. Default 1.

    Returns
    -------
    str
        Standard SQL; give its result to `risk_table_of_counts`.

    Raises
    ------
    EstimateError
        If the name of the table or of a column is empty or no text.

    Notes
    -----
    Only SELECT, GROUP BY and UNION ALL: DuckDB, PostgreSQL and SQLite run it as it stands. Other
    engines quote names otherwise: on any Ibis backend write ``connection.sql(query,
    dialect="duckdb")``, which translates it. A row that breaks the contract of `History` (it ends before it starts, its weight is not
    positive, a value is missing) is counted in ``faults``, and `risk_table_of_counts` refuses the
    result: nothing is left out silently. Whole weights add up exactly, others to rounding, in
    whatever order the engine adds them.

    Examples
    --------
    >>> print(counts_sql("follow_up", event="died", stratum="sex"))
    SELECT "sex" AS stratum, "died" AS to_state, "exit" AS time, 0 AS entries,
      COUNT(*) AS exits, COUNT(*) AS events, COUNT(*) AS events_squared,
      SUM(CASE WHEN "exit" > 0 AND "sex" IS NOT NULL THEN 0 ELSE 1 END) AS faults
    FROM follow_up
    GROUP BY "sex", "died", "exit"
    UNION ALL
    SELECT "sex" AS stratum, NULL AS to_state, 0 AS time, COUNT(*) AS entries,
      0 AS exits, 0 AS events, 0 AS events_squared, 0 AS faults
    FROM follow_up
    GROUP BY "sex"
    """
    if not isinstance(history, str) or not history:
        raise EstimateError(
            f"`history` is {history!r}", "it must be the name of a table, or a query in parentheses"
        )
    left, start = _quoted(exit), "0" if entry is None else _quoted(entry)
    groups = {
        name: _quoted(column)
        for name, column in (("stratum", stratum), ("from_state", from_state))
        if column is not None
    }
    total, squared, sound = "COUNT(*)", "COUNT(*)", [f"{left} > {start}"]
    if weight is not None:
        w = f"1e0 * {_quoted(weight)}"  # a double, however the column is stored
        total, squared = f"COALESCE(SUM({w}), 0)", f"COALESCE(SUM({w} * {w}), 0)"
        sound.append(f"{_quoted(weight)} > 0")
    sound += [f"{column} IS NOT NULL" for column in groups.values()]
    named = "".join(f"{column} AS {name}, " for name, column in groups.items())
    by_exit = ", ".join([*groups.values(), _quoted(event), left])
    by_entry = ", ".join([*groups.values(), *([] if entry is None else [start])])
    return (
        f"SELECT {named}{_quoted(event)} AS to_state, {left} AS time, 0 AS entries,\n"
        f"  {total} AS exits, {total} AS events, {squared} AS events_squared,\n"
        f"  SUM(CASE WHEN {' AND '.join(sound)} THEN 0 ELSE 1 END) AS faults\n"
        f"FROM {history}\n"
        f"GROUP BY {by_exit}\n"
        "UNION ALL\n"
        f"SELECT {named}NULL AS to_state, {start} AS time, {total} AS entries,\n"
        "  0 AS exits, 0 AS events, 0 AS events_squared, 0 AS faults\n"
        f"FROM {history}" + (f"\nGROUP BY {by_entry}" if by_entry else "")
    )


def _quoted(column: str) -> str:
    if not isinstance(column, str) or not column:
        raise EstimateError(f"a column is {column!r}", "it must be the name of a column")
    return '"' + column.replace('"', '""') + '"'
