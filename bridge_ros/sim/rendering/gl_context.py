"""An off-screen OpenGL context on any machine: EGL where it works, else OSMesa (software)."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Protocol, cast

from bridge_ros.errors import CameraError

_BACKENDS = ("egl", "osmesa")


class GlContext(Protocol):
    """What MuJoCo's context classes offer."""

    def make_current(self) -> None:
        """Use this context in the calling thread from now on."""

    def free(self) -> None:
        """Give it back."""


def make_gl_context(width: int, height: int) -> GlContext:
    """A context for images of that size. `MUJOCO_GL` (egl, osmesa, glfw) decides where it is set.

    Raises:
        CameraError: if none works, with what to install.
    """
    # Mesa's software renderer spends a tenth more CPU time on a thread of its own, and a fifth more
    # on two; the 1 kHz loop, the network and the models want the other core.
    os.environ.setdefault("LP_NUM_THREADS", "0")
    wanted = os.environ.get("MUJOCO_GL", "").strip().lower()
    backends = (wanted,) if wanted in (*_BACKENDS, "glfw") else _BACKENDS
    reasons = []
    for backend in backends:
        try:
            module = importlib.import_module(f"mujoco.{backend}")
            context = cast(GlContext, module.GLContext(width, height))
        except Exception as error:  # PyOpenGL raises whatever its platform module trips over.
            reasons.append(f"{backend}: {type(error).__name__}: {error}")
            _forget_opengl(backend)
        else:
            # MuJoCo's own loader of OpenGL goes by this, and the next context must be of one kind.
            os.environ["MUJOCO_GL"] = backend
            return context
    raise CameraError(
        "cannot render without a display; expected EGL or OSMesa to work (on Debian and Ubuntu: "
        f"apt-get install libegl1 libgl1-mesa-dri, or libosmesa6), got {'; '.join(reasons)}"
    )


def _forget_opengl(backend: str) -> None:
    """PyOpenGL binds itself to one platform at import; let the next import choose again."""
    os.environ.pop("PYOPENGL_PLATFORM", None)
    for name in list(sys.modules):
        if name == "OpenGL" or name.startswith(("OpenGL.", f"mujoco.{backend}")):
            del sys.modules[name]
