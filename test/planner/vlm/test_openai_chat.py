"""The openai backend against a real HTTP server that behaves well, or badly in many ways."""

import base64
import io
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from PIL import Image
from table_scene import ANCHOR, DEPTH, GOOD, INTRINSICS, RGB, WAYPOINTS

from bridge_ros.camera.frame import RGBDFrame
from bridge_ros.errors import ConfigError, PlanError
from bridge_ros.plan import PlanLimits
from bridge_ros.planner.vlm.openai_chat import OpenAIChat, OpenAISettings
from bridge_ros.planner.vlm.vlm_planner import VlmPlanner
from bridge_ros.task.worker import PlanRequest, ThreadPlanWorker

pytest.importorskip("httpx2")


def completion(text):
    return json.dumps({"choices": [{"message": {"role": "assistant", "content": text}}]}).encode()


class Server(ThreadingHTTPServer):
    """Does for every request what the next entry of its script says; the last one for ever."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.script, self.requests = [], []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/v1"


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        size = int(self.headers["Content-Length"])
        body = json.loads(self.rfile.read(size))
        self.server.requests.append((self.path, dict(self.headers), body))
        script = self.server.script
        action = script.pop(0) if len(script) > 1 else script[0]
        action(self)

    def log_message(self, *_):
        pass


def say(body, status=200, **headers):
    def act(handler):
        content = body if isinstance(body, bytes) else completion(body)
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    return act


def cut(handler):
    """Half a reply, then the connection is gone."""
    content = completion(GOOD[0])
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content[: len(content) // 2])


def hang_up(handler):
    """Not even a status."""
    handler.close_connection = True


def stall(handler):
    time.sleep(1.5)


def drip(handler):
    """A byte now and then: never silent, never done."""
    handler.send_response(200)
    handler.end_headers()
    for _ in range(30):
        handler.wfile.write(b" ")
        time.sleep(0.05)


def flood(handler):
    handler.send_response(200)
    handler.end_headers()
    for _ in range(100):
        handler.wfile.write(b"x" * 100_000)


@pytest.fixture
def server():
    server = Server()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def planner(server, **settings):
    defaults = {"base_url": server.url, "coordinates": "original", "backoff_s": 0.01}
    return VlmPlanner(OpenAIChat(OpenAISettings(**(defaults | {"timeout_s": 10.0} | settings))))


def plan(server, **settings):
    chosen = planner(server, **settings)
    return chosen.plan(RGB, DEPTH, INTRINSICS, "pick up the red cube", ())


def test_a_good_server_gets_image_schema_and_key_and_gives_a_plan(server, monkeypatch):
    monkeypatch.setenv("MY_KEY", "sesame")
    server.script = [say(GOOD[0]), say(GOOD[1])]
    assert plan(server, api_key_env="MY_KEY", model="m").subgoal == "grasp the red cube"
    (path, headers, first), (_, _, second) = server.requests
    assert path == "/v1/chat/completions"
    assert headers["Authorization"] == "Bearer sesame"
    assert first["model"] == "m"
    keys = first["response_format"]["json_schema"]["schema"]["required"]
    assert keys == ["subgoal", "anchor"]
    image, text = first["messages"][1]["content"]
    data = base64.b64decode(image["image_url"]["url"].partition(",")[2])
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(data))), RGB)
    assert "pick up the red cube" in text["text"]
    assert [m["role"] for m in second["messages"]] == ["system", "user", "assistant", "user"]


def test_a_qwen_is_sent_the_image_in_the_size_that_it_would_make_of_it(server):
    anchor = json.dumps(ANCHOR | {"anchor": [322, 238]})
    waypoints = json.dumps(WAYPOINTS | {"target": [322, 238, 790]})
    server.script = [say(anchor), say(waypoints)]
    found = plan(server, coordinates="auto", model="Qwen/Qwen2.5-VL-3B-Instruct")
    url = server.requests[0][2]["messages"][1]["content"][0]["image_url"]["url"]
    assert Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))).size == (644, 476)
    assert INTRINSICS.project(found.target_pose[:3]) == pytest.approx([320, 240], abs=0.5)


@pytest.mark.parametrize(
    "trouble",
    [
        cut,
        hang_up,
        say(b"slow down", 429, Retry_After="0.02"),
        say(b"slow down", 429, Retry_After="Wed, 21 Oct 2015 07:28:00 GMT"),
        say(b"oops", 500),
        say(b"starting", 503),
    ],
)
def test_what_passes_is_tried_again(server, trouble):
    server.script = [trouble, say(GOOD[0]), trouble, trouble, say(GOOD[1])]
    assert plan(server).subgoal == "grasp the red cube"
    assert len(server.requests) == 5


@pytest.mark.parametrize(
    ("trouble", "said", "requests"),
    [
        (cut, "RemoteProtocolError", 3),
        (say(b"slow down", 429), r"HTTP 429: slow down \(attempt 3\)", 3),
        (say(b"slow down", 429, Retry_After="3600"), r"HTTP 429: slow down \(attempt 1\)", 1),
        (say(b"oops", 500), r"HTTP 500: oops \(attempt 3\)", 3),
        (say(b"who are you?", 401), r"HTTP 401: who are you\?; is \$OPENAI_API_KEY", 1),
        (say(b"no response_format here", 400), "try openai.guided: none", 1),
        (say(b"", 302, Location="http://127.0.0.1:1/"), "HTTP 302", 1),
        (say(b"not JSON"), "expected a chat completion, got not JSON", 1),
        (say(b""), "expected a chat completion, got nothing", 1),
        (say(b"[" * 100_000), "expected a chat completion", 1),
        (say(b'{"choices": []}'), "expected a chat completion", 1),
        (say(completion(None)), "expected a reply in words, got None", 1),
        (say("no plan today"), "expected one JSON object, got no plan today", 2),
        (say(GOOD[0][:-3]), "broken JSON", 2),
        (say(json.dumps(ANCHOR | {"anchor": [9999, 0]})), "anchor: expected 0 to 639", 2),
        (flood, "expected at most 4000000 bytes", 1),
    ],
)
def test_what_stays_is_a_plan_error_that_says_what(server, trouble, said, requests):
    server.script = [trouble]
    with pytest.raises(PlanError, match=said):
        plan(server, attempts=3)
    assert len(server.requests) == requests


@pytest.mark.parametrize("slowness", [stall, drip])
def test_a_slow_server_is_not_waited_for(server, slowness):
    server.script = [slowness]
    with pytest.raises(PlanError, match="no answer within 0.3 s"):
        plan(server, timeout_s=0.3)


def test_nobody_waits_for_a_slow_server_and_its_silence_comes_back_in_words(server):
    server.script = [stall]
    worker = ThreadPlanWorker(planner(server, timeout_s=0.5), PlanLimits())
    frame = RGBDFrame(rgb=RGB, depth_m=DEPTH, intrinsics=INTRINSICS, stamp_s=1.0)
    worker.submit(PlanRequest(ticket="t", frame=frame, instruction="go", history=()), 0.0)
    answers, polls = [], 0
    while not answers and polls < 2000:
        answers += [found for found in [worker.poll(0.0)] if found is not None]
        polls += 1
        time.sleep(0.01)
    worker.close()
    assert polls > 10, "poll returns at once, again and again"
    assert "no answer within 0.5 s" in answers[0].trouble.message


def test_half_a_character_does_not_break_the_next_request(server):
    server.script = [say("\ud83d " + GOOD[0]), say(GOOD[1])]
    assert plan(server).subgoal == "grasp the red cube"


def test_nobody_there_is_said():
    nobody = OpenAISettings(base_url="http://127.0.0.1:9/v1", attempts=2, backoff_s=0.01)
    with pytest.raises(PlanError, match="ConnectError"):
        VlmPlanner(OpenAIChat(nobody)).plan(RGB, DEPTH, INTRINSICS, "pick", ())


def test_a_server_that_repeats_the_key_does_not_give_it_away(server, monkeypatch):
    monkeypatch.setenv("MY_KEY", "sesame")
    server.script = [say(b"bad key: sesame", 401)]
    with pytest.raises(PlanError) as error:
        plan(server, api_key_env="MY_KEY")
    assert "sesame" not in str(error.value)
    assert r"bad key: ***" in str(error.value)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"base_url": "localhost:8000"}, "expected http"),
        ({"timeout_s": 0.0}, "timeout_s: expected more than 0"),
        ({"attempts": 0}, "attempts: expected at least 1"),
        ({"max_pixels": 10}, "max_pixels: expected more than min_pixels"),
    ],
)
def test_settings_refuse_nonsense(changes, said):
    with pytest.raises(ConfigError, match=said):
        OpenAISettings(**changes)


def test_what_cannot_be_a_key_is_refused_and_not_shown(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "ses\name")
    with pytest.raises(ConfigError, match="OPENAI_API_KEY: expected a key") as error:
        OpenAIChat(OpenAISettings())
    assert "ses" not in str(error.value)
