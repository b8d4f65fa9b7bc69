"""A Python candidate by its name: ``file.py:name``, ``module:name``, or one of them alone."""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import inspect
import sys
from pathlib import Path
from types import ModuleType

from gradoracle.arrays import shown
from gradoracle.candidate.python import crash
from gradoracle.errors import InputError
from gradoracle.wire.faults import CouldNotStart

DEFAULT = "candidate"


def load(target: str) -> object:
    """Import a candidate; this executes its file.

    Parameters
    ----------
    target : str
        ``file.py:name`` or ``module:name``, where the name may have dots. Without a name: the
        object called ``candidate``, or else the only public callable that is defined there.

    Raises
    ------
    InputError
        If there is no such file, module or name, or several to choose from.
    CouldNotStart
        If the file raises when it is imported.
    """
    place, name = _parts(target)
    module = _imported(place, target)
    return _named(module, name, place) if name else _only(module, place)


def _parts(target: str) -> tuple[str, str]:
    """Split a target; a drive letter's colon is none of ours."""
    place, colon, name = target.rpartition(":")
    if not colon or any(not part.isidentifier() for part in name.split(".")):
        place, name = target.removesuffix(":"), ""
    if not place:
        raise InputError("FILE.py:NAME or MODULE:NAME", shown(target), "e.g. my_net.py:my_net")
    return place, name


def _imported(place: str, target: str) -> ModuleType:
    """Import a file or a module, with its neighbours in reach."""
    path = Path(place)
    of_file = path.suffix == ".py" or path.is_file()
    if of_file and not path.is_file():
        raise InputError(f"a file {place}", "none", _near_file(path))
    if not of_file and not all(part.isidentifier() for part in place.split(".")):
        raise InputError(f"a module {place}", "none of that name", _near_module(place))
    folder = str(path.resolve().parent if of_file else Path.cwd())
    if folder not in sys.path:
        sys.path.insert(0, folder)
    try:
        return _from_file(path) if of_file else importlib.import_module(place)
    except ModuleNotFoundError as error:
        missing = error.name or ""
        if not of_file and (place == missing or place.startswith(f"{missing}.")):
            raise InputError(
                f"a module {place}", f"none called {missing}", _near_module(place)
            ) from None
        raise CouldNotStart(target, crash(error)) from error
    except (Exception, SystemExit) as error:
        raise CouldNotStart(target, crash(error)) from error


def _from_file(path: Path) -> ModuleType:
    """Import a file under its own name, so that what it defines can be found again."""
    name = path.stem if path.stem.isidentifier() else "candidate_file"
    if name in sys.modules:  # its name is taken, e.g. by the standard library
        name = f"_candidate_{name}"
    spec = importlib.util.spec_from_file_location(name, path.resolve())
    if spec is None or spec.loader is None:
        raise InputError("a Python file", str(path), "its name ends in .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _named(module: ModuleType, name: str, place: str) -> object:
    found: object = module
    for part in name.split("."):
        if not hasattr(found, part):
            near = difflib.get_close_matches(part, list(public(found)) or dir(found), 1)
            mend = f"did you mean {near[0]}?" if near else _choice(list(public(found)), place)
            raise InputError(f"{name} in {place}", f"no {part} there", mend)
        found = getattr(found, part)
    return found


def _only(module: ModuleType, place: str) -> object:
    if hasattr(module, DEFAULT):
        return getattr(module, DEFAULT)
    own = {n: v for n, v in public(module).items() if _defined_in(v, module)}
    parts = [getattr(v, part, None) for v in own.values() for part in ("supports", "prepare")]
    # my_net.supports = supports makes that function a part of the other
    there = [n for n, v in own.items() if not any(v is part for part in parts)]
    if len(there) != 1:
        got = f"{len(there)}: {', '.join(there)}" if there else _none(module)
        raise InputError(f"one public callable in {place}", got, _choice(there, place))
    return getattr(module, there[0])


def _none(module: ModuleType) -> str:
    """Say that there is no callable, and where the file is empty that: a redirect leaves one."""
    path = getattr(module, "__file__", None)
    empty = path is not None and not Path(path).read_bytes().strip()
    return "an empty file" if empty else "none"


def public(module: object) -> dict[str, object]:
    """Return what of a module can be called and does not begin with an underscore."""
    named = vars(module) if hasattr(module, "__dict__") else {}
    return {n: v for n, v in named.items() if not n.startswith("_") and callable(v)}


def _defined_in(value: object, module: ModuleType) -> bool:
    """Tell whether a callable is the module's own: a function, or an object that was made there."""
    if inspect.isclass(value):
        return False  # a class is no candidate, an instance is
    return getattr(value, "__module__", None) == module.__name__ or not hasattr(value, "__name__")


def _choice(names: list[str], place: str) -> str:
    if not names:
        return f"define one: def {DEFAULT}(case): ..."
    return f"name it: {place}:{names[0]}" + (
        f" or :{' or :'.join(names[1:5])}" if names[1:] else ""
    )


def _near_file(path: Path) -> str:
    folder = path.parent
    there = [p.name for p in folder.glob("*.py")] if folder.is_dir() else []
    near = difflib.get_close_matches(path.name, there, 1)
    return f"did you mean {folder / near[0]}?" if near else "check the path"


def _near_module(place: str) -> str:
    if Path(f"{place}.py").is_file():
        return f"write {place}.py:NAME"
    return "FILE.py:NAME names a file; a module lies in this folder or is installed"
