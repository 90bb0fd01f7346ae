// What is on disk after a stop: the Rooms' own SQLite files and D1's, read by Python's sqlite3 (Node 20 has none).
import { execFileSync } from 'node:child_process';

const READ = `
import json, os, shutil, sqlite3, sys, tempfile
store = sys.argv[1]
rooms, attached, history = [], [], {"messages": [], "conversations": []}
copy = os.path.join(tempfile.mkdtemp(), "store")
shutil.copytree(store, copy)
def rows(db, sql):
    cursor = db.execute(sql)
    names = [it[0] for it in cursor.description]
    return [dict(zip(names, row)) for row in cursor]
for folder, _, files in os.walk(copy):
    for name in files:
        if not name.endswith(".sqlite"): continue
        db = sqlite3.connect(os.path.join(folder, name))
        sound = db.execute("PRAGMA integrity_check").fetchone()[0]
        if sound != "ok": sys.exit(name + ": " + sound)
        tables = [it[0] for it in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        if "public_log" in tables:
            rooms.append({"record": json.loads(db.execute("SELECT record FROM room").fetchone()[0]),
                          "public": rows(db, "SELECT * FROM public_log ORDER BY seq"), "private": rows(db, "SELECT * FROM private_log ORDER BY seq")})
        if "attached" in tables:
            attached += rows(db, "SELECT * FROM attached")
        if "messages" in tables and "conversations" in tables:
            history = {"messages": rows(db, "SELECT * FROM messages ORDER BY conversation, log, seq"), "conversations": rows(db, "SELECT * FROM conversations")}
shutil.rmtree(os.path.dirname(copy))
json.dump({"rooms": rooms, "attached": attached, "history": history}, sys.stdout)
`;

/** `{rooms: [{record, public, private}], attached: the Desks' rows, history: {messages, conversations}}` of a store nobody has open. */
export const rows = (store) => JSON.parse(execFileSync('python3', ['-c', READ, store], { encoding: 'utf8', maxBuffer: 1 << 29 }));
