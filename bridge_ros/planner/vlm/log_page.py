"""The plan log's pages: static HTML, waypoints drawn over the image, nothing that runs."""

from __future__ import annotations

from html import escape
from typing import Any

_STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 2em auto; max-width: 72em; padding: 0 1em;
       color: #222; background: #fff }
table { border-collapse: collapse; width: 100% }
td, th { text-align: left; vertical-align: top; padding: .4em .8em .4em 0;
         border-bottom: 1px solid #ddd }
figure { margin: 0; position: relative; max-width: 800px }
img, svg { display: block; width: 100%; height: auto }
svg { position: absolute; left: 0; top: 0; overflow: hidden }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: #f4f4f4; padding: .8em }
.small { width: 240px } .good { color: #17692f } .bad { color: #a4201c }
"""
_COLOURS = {"keep": "#999", "open": "#2ec44f", "close": "#ff4d33"}


def plan_page(entries: dict[str, Any]) -> str:
    """The page of one plan."""
    said = "".join(
        f"<h3>{escape(role)}</h3><pre>{escape(text)}</pre>" for role, text in entries["transcript"]
    )
    plan = entries["plan"]
    body = [
        f"<p><a href='../index.html'>all plans</a></p><h1>{escape(entries['instruction'])}</h1>",
        f"<p>{_verdict(entries)} after {entries['took_s']:.1f} s</p>",
        _figure(entries, "image.png"),
    ]
    if plan:
        facts = {
            "subgoal": plan["subgoal"],
            "gripper at the target": plan["gripper_action"],
            "opening on the way [m]": plan["approach_width_m"],
            "target pose, xyz and xyzw": plan["target_pose"],
            "task done then": plan["final"],
        }
        facts |= {
            f"waypoint {i} [m], camera frame": point
            for i, point in enumerate(plan["waypoints_m"], start=1)
        }
        rows = (f"<tr><th>{k}</th><td>{escape(str(v))}</td></tr>" for k, v in facts.items())
        body.append(f"<table>{''.join(rows)}</table>")
    if entries["history"]:
        told = "".join(f"<li>{escape(a)}: {escape(b)}</li>" for a, b in entries["history"])
        body.append(f"<h2>Earlier stages</h2><ol>{told}</ol>")
    if said:
        body.append(f"<h2>Conversation</h2>{said}")
    return _page(entries["instruction"], "".join(body))


def table_row(entries: dict[str, Any]) -> str:
    """One plan in the list of all."""
    name, plan = escape(entries["name"]), entries["plan"]
    subgoal = escape(plan["subgoal"]) if plan else ""
    figure = _figure(entries, f"{name}/image.png")
    return (
        f"<tr><td class='small'>{figure}</td>"
        f"<td><a href='{name}/index.html'>{name}</a><br>{escape(entries['instruction'])}"
        f"<br>{subgoal}<br>{_verdict(entries)} after {entries['took_s']:.1f} s</td></tr>"
    )


def table_page(rows: list[str]) -> str:
    """The page that lists all plans, in the order given."""
    count = f"<h1>Plans, the newest first: {len(rows)}</h1>"
    return _page("Plans", f"{count}<table>{''.join(rows)}</table>")


def _figure(entries: dict[str, Any], source: str) -> str:
    """The image, with the plan's numbered waypoints over it; the last one is the target."""
    camera, plan = entries["intrinsics"], entries["plan"]
    width, height = camera["width"], camera["height"]
    drawn = ""
    if plan:
        colour = _COLOURS[plan["gripper_action"]]
        # SVG counts from the corner of the first pixel, the plan from its centre.
        points = [(u + 0.5, v + 0.5) for u, v in plan["pixels"]]
        line = " ".join(f"{u:.1f},{v:.1f}" for u, v in points)
        drawn = f"<polyline points='{line}' fill='none' stroke='#ffd23f' stroke-width='3'/>"
        for number, (u, v) in enumerate(points, start=1):
            fill = colour if number == len(points) else "#ffd23f"
            drawn += (
                f"<circle cx='{u:.1f}' cy='{v:.1f}' r='9' fill='{fill}' stroke='#222'/>"
                f"<text x='{u:.1f}' y='{v + 4:.1f}' font-size='12' text-anchor='middle'>"
                f"{number}</text>"
            )
    return (
        f"<figure><img loading='lazy' src='{source}' width='{width}' height='{height}' "
        f"alt='what the camera saw'><svg viewBox='0 0 {width} {height}'>{drawn}</svg></figure>"
    )


def _verdict(entries: dict[str, Any]) -> str:
    kind = "good" if entries["plan"] else "bad"
    return f"<span class='{kind}'>{escape(entries['verdict'])}</span>"


def _page(title: str, body: str) -> str:
    return (
        "<!doctype html><html lang='en'><meta charset='utf-8'>"
        f"<title>{escape(title)}</title><style>{_STYLE}</style><body>{body}</body></html>\n"
    )
