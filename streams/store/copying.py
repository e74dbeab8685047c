"""A copy of a store beside its running writer: one committed instant of it, database and names."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Final

from streams.store.database import FILE_NAME, Database
from streams.store.errors import StoreError, refusing
from streams.store.shelf import FOLDER_NAME, run_file

#: How often to begin again where the writer merged names away that were to be copied.
ATTEMPTS: Final = 5
#: What to do where the copy may not be written.
DENIED: Final = "give this user the right to write there, or choose another --out"
#: The database until it is whole: a copy that was killed then holds no store at all.
PARTIAL_NAME: Final = f"{FILE_NAME}.partial"


def copy_store(directory: Path, out: Path) -> None:
    """Copy the store in ``directory`` to ``out``, a folder that is empty or not there yet.

    Raises:
        StoreError: There is no store, ``out`` holds something, or cannot be written.
    """
    with refusing(out, DENIED):
        out.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(out.iterdir()):
            raise StoreError(
                where=out,
                expected="an empty folder",
                came="one that holds something",
                remedy="choose another --out; a copy never overwrites",
            )
    try:
        _copy_within_attempts(directory, out)
    except BaseException:  # half a copy would be opened as an empty store
        _empty(out)
        raise


def _copy_within_attempts(directory: Path, out: Path) -> None:
    for _ in range(ATTEMPTS):
        if _copied(directory, out):
            return
    raise StoreError(
        where=directory,
        expected=f"to copy the names within {ATTEMPTS} attempts",
        came="a writer that merged them away each time",
        remedy="run it again, or stop the service first",
    )


def _empty(out: Path) -> None:
    """Remove what was copied, so that the same command can be given again."""
    shutil.rmtree(out / FOLDER_NAME, ignore_errors=True)
    for path in out.glob(f"{FILE_NAME}*"):
        path.unlink(missing_ok=True)


def _copied(directory: Path, out: Path) -> bool:
    """Copy one instant; False where a file of names of it is gone already."""
    database = Database.read(directory)
    try:
        names = out / FOLDER_NAME
        with refusing(out, DENIED):
            shutil.rmtree(names, ignore_errors=True)
            names.mkdir(mode=0o700)
        for (run_id,) in database.rows("SELECT id FROM name_run ORDER BY id"):
            if not _copy(run_file(directory / FOLDER_NAME, run_id), names):
                return False
        with refusing(out, DENIED):
            os.close(os.open(out / PARTIAL_NAME, os.O_CREAT | os.O_RDWR, 0o600))
        database.copy_to(out / PARTIAL_NAME)
        with refusing(out, DENIED):
            (out / PARTIAL_NAME).rename(out / FILE_NAME)
            _sync(out)
    finally:
        database.close()
    return True


def _copy(file: Path, folder: Path) -> bool:
    with refusing(folder, DENIED):
        try:
            shutil.copy(file, folder / file.name)  # with its mode: nobody else reads names
        except FileNotFoundError:
            return False
        _sync(folder / file.name)
    return True


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
