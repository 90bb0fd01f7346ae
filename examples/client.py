"""A visitor and an agent: all of docs/protocol.md that a client needs, over JSON. Each line that you type is a message;
what is said is printed once and in order, whatever happens to the line. Python 3.11, beside a running `make start`:
    python3 -m venv .venv && . .venv/bin/activate && pip install -r examples/requirements.txt
    python3 examples/client.py visitor http://localhost:8787 site_demodemodemodemo
    python3 examples/client.py agent http://localhost:8787 mei@example.com lantern-mei-1   # takes what nobody has
"""
import asyncio, contextlib, json, random, sys, urllib.request, uuid
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, WebSocketException
ROLE, HOST, *WHO = sys.argv[1:] if len(sys.argv) > 3 else sys.exit(__doc__)
HEADERS, TOKEN = {"Content-Type": "application/json", "Origin": HOST}, {}  # later with what proves an agent, a visitor

def post(path, body):
    request = urllib.request.Request(HOST + path, json.dumps(body).encode(), HEADERS)
    with urllib.request.urlopen(request, timeout=10) as answer:
        if cookie := answer.headers["Set-Cookie"]:
            HEADERS["Cookie"] = cookie.split(";")[0]
        return json.load(answer)

def ticket(room):
    """A ticket and the address that it opens: the visitor's own conversation, the agent's, or the Desk (none)."""
    if ROLE == "visitor":
        session = post("/v1/session", {"site": WHO[0], **TOKEN})
        TOKEN.update(token=session["token"], conversation=session["conversation"])
        return session["ticket"], f"/v1/rooms/{session['conversation']}/socket"
    "Cookie" in HEADERS or post("/api/v1/login", {"email": WHO[0], "password": WHO[1]})
    return post("/api/v1/tickets", {})["ticket"], f"/v1/rooms/{room}/socket" if room else "/v1/desk/socket"

async def stay(hello, take, conversation=None):
    """Sections 1, 5 and 6: one socket after the other, until `take` returns something or the server says stop."""
    failures = pause = 0
    while True:
        try:
            granted, path = await asyncio.to_thread(ticket, conversation)  # a fresh one each time: nothing to renew
            offers = {"subprotocols": ["bellhop.v1.json", "ticket." + granted], "ping_interval": 25, "ping_timeout": 10}
            async with connect("ws" + HOST[4:] + path, **offers) as socket:
                await socket.send(json.dumps(hello()))
                async for text in socket:
                    frame = json.loads(text)
                    pause = int(frame.get("error", {}).get("retryAfterMs", 0)) / 1000
                    failures = failures if "error" in frame else 0
                    if result := await take(frame, socket):
                        return result
        except (OSError, WebSocketException) as end:  # its code is the HTTP answer's or the close frame's
            code = getattr(getattr(end, "rcvd", end), "code", 0)
            if 400 <= code < 500 and code != 429 or 4500 <= code < 5000:
                sys.exit(f"refused: {end}")
        await asyncio.sleep(max(pause, random.random() * min(30, 0.5 * 2**failures)))
        failures += 1

class Conversation:
    """Sections 2 and 3: what outlives a socket, so that nothing is lost and nothing comes twice."""
    def __init__(self):
        self.epoch, self.after, self.tip = "0", 0, ""  # how far the log is held
        self.unsent = {}  # client_id → text, in the order of writing, until it is known to be in the log
        self.hello()

    def hello(self):
        self.socket, self.gap = None, []
        return {"hello": {"logEpoch": self.epoch, "after": self.after, "tip": self.tip}}

    async def take(self, frame, socket):
        match frame:
            case {"welcome": welcome}:
                held, self.epoch = self.epoch, welcome.get("logEpoch", "0")
                if welcome.get("reset") or held not in ("0", self.epoch):  # start over
                    self.after, self.tip = 0, ""
                await self.add(socket, welcome.get("messages", []))
                self.me, self.socket = welcome["you"], socket
                for client_id in list(self.unsent):
                    await self.send(client_id)
            case {"page": page}:
                await self.add(socket, page["messages"] + self.gap)
            case {"message": message}:
                await self.add(socket, self.gap + [message])
            case {"ack": {"clientId": client_id} as ack}:  # this socket gets no message for it
                await self.add(socket, self.gap + [{**ack, "sender": self.me, "text": self.unsent.get(client_id)}])
            case {"error": {"clientId": client_id, "retryable": True, **error}}:
                await asyncio.sleep(int(error.get("retryAfterMs", 1000)) / 1000)
                await self.send(client_id)
            case {"error": {"clientId": client_id, **error}}:
                print("refused:", error["code"], self.unsent.pop(client_id, ""), flush=True)

    async def add(self, socket, messages):
        """Takes the next ones. If some before them are missing it keeps these, and asks for those once."""
        missing = bool(messages) and int(messages[0]["seq"]) > self.after + 1
        if missing and messages[0] not in self.gap:
            await socket.send(json.dumps({"page": {"before": messages[0]["seq"]}}))
        self.gap = messages if missing else []
        for message in [] if missing else messages:
            self.unsent.pop(message.get("clientId"), None)
            if int(message["seq"]) == self.after + 1:  # else it is held already
                self.after, self.tip = int(message["seq"]), message["id"]
                print(message["seq"], message["sender"]["kind"].lower(), message.get("text", "…"), flush=True)

    async def send(self, client_id):
        if self.socket and client_id in self.unsent:
            with contextlib.suppress(ConnectionClosed):  # it goes out again on the next socket
                await self.socket.send(json.dumps({"send": {"clientId": client_id, "text": self.unsent[client_id]}}))

    async def write(self):
        lines = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
        async for line in lines:
            self.unsent[client_id := str(uuid.uuid4())] = line.decode().strip()
            await self.send(client_id)

async def claim(frame, socket):
    """Section 4, the Desk: takes the first conversation that nobody has, and returns it."""
    rows = (frame.get("deskWelcome") or frame.get("deskUpdate") or {}).get("rows", [])
    for conversation in [row["conversation"] for row in rows if "assignee" not in row][:1]:
        await socket.send(json.dumps({"claim": {"clientId": str(uuid.uuid4()), "conversation": conversation}}))
    return frame.get("assigned", {}).get("conversation")

async def main():
    conversation = await stay(lambda: {"deskHello": {}}, claim) if ROLE == "agent" else None
    await asyncio.gather(stay((log := Conversation()).hello, log.take, conversation), log.write())

with contextlib.suppress(KeyboardInterrupt):  # Ctrl-C is how it ends
    asyncio.run(main())
