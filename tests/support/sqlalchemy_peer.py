"""The same database through SQLAlchemy and Alembic: what ps-tui is measured against.

Run by a Python that has both, and aiosqlite. ``prepare DATABASE FOLDER`` writes
models of every table and an Alembic folder; ``open DATABASE FOLDER`` opens the
database, migrates what there is to migrate (nothing) and lists the events;
``drift DATABASE FOLDER CHANGED …`` prints how many changed files differ from the first
by Alembic's comparison, and the seconds of one.
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path
from typing import Any

_TYPES = {
    "INTEGER": "Integer",
    "TEXT": "Text",
    "REAL": "Float",
    "BLOB": "LargeBinary",
}
_ENV = """
from alembic import context
connection = context.config.attributes["connection"]
context.configure(connection=connection)
with context.begin_transaction():
    context.run_migrations()
"""
_REVISION = "revision = '0001'\ndown_revision = None\ndef upgrade():\n    pass\n"


def prepare(database: Path, folder: Path) -> None:
    import sqlite3

    lines = [
        "from sqlalchemy import Float, ForeignKey, Integer, LargeBinary, Text",
        "from sqlalchemy.orm import DeclarativeBase, mapped_column",
        "class Base(DeclarativeBase): pass",
    ]
    connection = sqlite3.connect(database)
    tables = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table'"
        " AND name NOT LIKE 'sqlite%'"
    ).fetchall()
    for (table,) in tables:
        parents = {
            row[3]: f", ForeignKey('{row[2]}.{row[4] or 'n'}')"
            for row in connection.execute(f"PRAGMA foreign_key_list({table})")
        }
        lines.append(f"class {table}(Base):\n    __tablename__ = '{table}'")
        for row in connection.execute(f"PRAGMA table_info({table})"):
            _, name, kind, is_needed, _, is_key = row
            sql_type = _TYPES[kind] + parents.get(name, "")
            lines.append(
                f"    {name}_ = mapped_column('{name}', {sql_type},"
                f" primary_key={bool(is_key)}, nullable={not is_needed})"
            )
    connection.execute("CREATE TABLE alembic_version (version_num TEXT PRIMARY KEY)")
    connection.execute("INSERT INTO alembic_version VALUES ('0001')")
    connection.commit()
    connection.close()
    (folder / "versions").mkdir(parents=True)
    (folder / "models.py").write_text("\n".join(lines))
    (folder / "env.py").write_text(_ENV)
    (folder / "versions" / "0001_all.py").write_text(_REVISION)


async def list_events(database: Path, folder: Path) -> None:
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import event, select
    from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

    sys.path.insert(0, str(folder))
    import models  # type: ignore[import-not-found]

    engine = create_async_engine(f"sqlite+aiosqlite:///{database}")

    @event.listens_for(engine.sync_engine, "connect")
    def _(connection: Any, _record: object) -> None:
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            connection.execute(f"PRAGMA {pragma}")

    config = Config()
    config.set_main_option("script_location", str(folder))

    def upgrade(connection: object) -> None:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")

    async with engine.begin() as connection:
        await connection.run_sync(upgrade)
    async with async_sessionmaker(engine)() as session:
        (await session.execute(select(models.events))).all()
    await engine.dispose()


def drift(database: Path, changed: list[Path]) -> None:
    import warnings

    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from sqlalchemy import MetaData, create_engine

    warnings.simplefilter("ignore")
    wanted = MetaData()
    wanted.reflect(create_engine(f"sqlite:///{database}"))
    options = {"compare_type": True, "compare_server_default": True}
    found, best = 0, 60.0
    for path in changed:
        with create_engine(f"sqlite:///{path}").connect() as connection:
            started = time.perf_counter()
            context = MigrationContext.configure(connection, opts=options)
            found += bool(compare_metadata(context, wanted))
            best = min(best, time.perf_counter() - started)
    print(found, best)


if __name__ == "__main__":
    verb, database, folder, *rest = sys.argv[1], *map(Path, sys.argv[2:])
    if verb == "prepare":
        prepare(database, folder)
    elif verb == "open":
        asyncio.run(list_events(database, folder))
    else:
        drift(database, rest)
