// One merged history of a run, and the checkers that judge it against what is on disk.
//   C1 nothing acknowledged is lost · C2 nothing twice, nothing unexpected · C3 one client id, one place · C4 every view is
//   gapless, in one order, and no note is in a visitor's bytes · C5 what came before and after a cut is the log · C6 one
//   holder per assignment epoch, which never falls · C8 D1 equals the Rooms row for row
const CANARY = 'confidential';

export class History {
  sent = new Map();
  acks = new Map();
  clients = [];
  findings = [];
  counts = new Map();
  #winners = new Map();
  #epochs = new Map();
  /** Acknowledgements between a copy of the store and its return are nobody's promise; see `apart`. */
  apart = new Set();

  finding(checker, text) {
    this.findings.push(`${checker}: ${text}`);
  }

  count(what, by = 1) {
    this.counts.set(what, (this.counts.get(what) ?? 0) + by);
  }

  secret(id) {
    return `${CANARY} ${id}`;
  }

  isSecret(text) {
    return text.includes(CANARY);
  }

  ack(clientId, { seq, id }, client) {
    const had = this.acks.get(clientId);
    if (had && (had.seq !== seq || had.id !== id) && !this.apart.has(clientId)) this.finding('C3', `${client.name}: ${clientId} was at ${had.seq} ${had.id}, is at ${seq} ${id}`);
    this.acks.set(clientId, { seq, id });
    if (had) this.count('acknowledged again');
  }

  /** The acknowledgements and claims so far. */
  mark() {
    return { acks: new Set(this.acks.keys()) };
  }

  /** The store of `mark` was put back: what was acknowledged since is counted apart, and assignments begin anew. */
  putBack(mark) {
    for (const id of this.acks.keys()) if (!mark.acks.has(id)) this.apart.add(id);
    this.#winners.clear();
    this.#epochs.clear();
  }

  state(client, state) {
    if (!state) return;
    this.winner(client.conversation, state.assignmentEpoch, state.assignee?.id ?? '', client.name);
    const key = `${client.name} ${client.conversation}`;
    if ((this.#epochs.get(key) ?? 0) > state.assignmentEpoch) this.finding('C6', `${client.name}: the assignment fell from ${this.#epochs.get(key)} to ${state.assignmentEpoch}`);
    this.#epochs.set(key, state.assignmentEpoch);
  }

  winner(conversation, epoch, holder, who, { told = false } = {}) {
    if (!epoch) return;
    const key = `${conversation} ${epoch}`;
    const had = this.#winners.get(key);
    if (had && had.holder !== holder) this.finding('C6', `${conversation}, epoch ${epoch}: ${had.who} saw ${had.holder || 'nobody'}, ${who} ${holder || 'nobody'}`);
    this.#winners.set(key, { holder, who, conversation, epoch, told: told || had?.told });
  }

  /** The newest assignment of which the Desk said that it stands. */
  newest(conversation) {
    return [...this.#winners.values()].filter((it) => it.told && it.conversation === conversation).reduce((a, b) => (b.epoch > (a?.epoch ?? 0) ? b : a), undefined);
  }

  open() {
    return this.clients.reduce((sum, client) => sum + client.outbox.size, 0);
  }

  /** Do all clients of each conversation hold the same, to its end? */
  level() {
    const heads = new Map();
    const see = (key, last) => heads.set(key, (heads.get(key) ?? new Set()).add(last));
    for (const client of this.clients) {
      see(client.conversation, client.public.last);
      if (client.agent) see(`${client.conversation} private`, client.private.last);
    }
    return this.open() === 0 && [...heads.values()].every((it) => it.size === 1);
  }

  /** C1–C6 and C8 against the rows; returns the figures. */
  judge({ rooms, history }) {
    const totals = { acked: 0, lost: 0, doubled: 0, unexpected: 0, apart: this.apart.size, rows: 0 };
    const conversations = new Set([...this.sent.values()].map((it) => it.conversation));
    for (const conversation of conversations) {
      const room = this.#room(rooms, conversation);
      if (!room) {
        this.finding('C1', `${conversation} is not on disk`);
        continue;
      }
      for (const log of ['public', 'private']) this.#log(totals, conversation, log, room[log], history.messages.filter((it) => it.conversation === conversation && it.log === log));
    }
    for (const id of this.acks.keys()) if (!this.apart.has(id)) totals.acked++;
    return totals;
  }

  /** A Room's file is known by the entries that its clients hold. */
  #room(rooms, conversation) {
    const ids = new Set(this.clients.filter((it) => it.conversation === conversation).flatMap((it) => it.public.entries.map((entry) => entry.id)));
    return rooms.find((room) => room.public.some((row) => ids.has(row.id)));
  }

  #log(totals, conversation, log, rows, copy) {
    totals.rows += rows.length;
    rows.forEach((row, n) => row.seq === n + 1 || this.finding('C4', `${conversation} ${log}: row ${n + 1} has number ${row.seq}`));
    const byName = new Map();
    for (const row of rows.filter((it) => it.client_id)) {
      const sent = this.sent.get(row.client_id);
      if (byName.has(row.client_id)) (totals.doubled++, this.finding('C2', `${row.client_id} is at ${byName.get(row.client_id).seq} and ${row.seq}`));
      byName.set(row.client_id, row);
      if (sent?.conversation !== conversation || sent.log !== log || !row.body.includes(sent.text)) (totals.unexpected++, this.finding('C2', `row ${row.seq} of ${conversation} ${log} was never sent so: ${row.client_id}`));
    }
    for (const [id, { seq, id: entry }] of this.acks) {
      const sent = this.sent.get(id);
      if (sent.conversation !== conversation || sent.log !== log || this.apart.has(id)) continue;
      const row = byName.get(id);
      if (!row) (totals.lost++, this.finding('C1', `${id} was acknowledged at ${seq} and is not on disk`));
      else if (row.seq !== seq || row.id !== entry) this.finding('C3', `${id} was acknowledged at ${seq}, is at ${row.seq}`);
    }
    for (const client of this.clients.filter((it) => it.conversation === conversation && (log === 'public' || it.agent))) {
      const view = client[log].entries;
      const wrong = rows.findIndex((row, n) => view[n]?.id !== row.id || !same(view[n], row));
      if (wrong >= 0 || view.length !== rows.length) this.finding(client.connections > 1 ? 'C5' : 'C4', `${client.name} holds ${view.length} of ${rows.length} ${log} entries, the first other one at ${wrong + 1}`);
    }
    const told = (it) => JSON.stringify([it.seq, it.id, it.author ?? it.sender_kind, it.author_id ?? it.sender_id, it.author_name ?? it.sender_name, it.at, it.kind, it.body, it.follows ?? 0]);
    const [theirs, ours] = [copy.map(told), rows.map(told)];
    const differs = ours.findIndex((it, n) => theirs[n] !== it);
    if (differs >= 0 || theirs.length !== ours.length) this.finding('C8', `${conversation} ${log}: D1 has ${theirs.length} rows, the Room ${ours.length}; first: ${theirs[differs]} for ${ours[differs]}`);
  }
}

/** Does an entry that a client holds say what the row says? */
const same = (entry, row) => {
  const text = entry.text ?? entry.note;
  return text === undefined ? row.kind !== 'text' : row.body.includes(text);
};
