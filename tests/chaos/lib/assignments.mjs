// Books of who has what: every assignment that anybody was told of, by which number, and what must be true of a later one.
// C6: one holder for each assignment epoch, which never falls; an answer stands until a later one supersedes it.

/** What an answer `assigned` must say, by what was asked. */
const MEANS = {
  claim: (holder, { me }) => holder === me,
  accept: (holder, { me }) => holder === me,
  transfer: (holder, { to }) => holder === to,
  release: (holder) => holder === '',
  decline: (holder) => holder === '',
};

/** What a frame with `assignmentEpoch` and `assignee` says. */
export const stands = ({ assignmentEpoch, assignee }) => ({ epoch: assignmentEpoch ?? 0, holder: assignee?.id ?? '' });

export class Assignments {
  findings = [];
  /** Answers of the Desk that something is so, by what was asked; and those that refuse, by their code. Also what `count` is told. */
  counts = new Map();
  #holders = new Map();
  #highest = new Map();
  #answered = new Map();

  #finding(text) {
    this.findings.push(`C6: ${text}`);
  }

  count(what) {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }

  /**
   * The latest assignment of a conversation that anybody has seen, or that its Room has shown. Whatever was seen is on disk:
   * what is asked for from now on must not be answered with less.
   */
  floor(conversation, where = 'anywhere') {
    return this.#highest.get(`${where} ${conversation}`) ?? 0;
  }

  /**
   * Somebody was told of an assignment, having asked at a time when `floor` was known. A Room names nobody while it rings, so
   * there nobody is `holder: undefined`, which says nothing.
   */
  seen(conversation, { epoch, holder }, who, { floor = 0, where = 'desk' } = {}) {
    if (epoch < floor) this.#finding(`${conversation}: ${who} was told of epoch ${epoch} after somebody knew ${floor}`);
    for (const place of ['anywhere', where]) this.#highest.set(`${place} ${conversation}`, Math.max(this.floor(conversation, place), epoch));
    if (!epoch || holder === undefined) return;
    const key = `${conversation} ${epoch}`;
    const had = this.#holders.get(key);
    if (had && had.holder !== holder) this.#finding(`${conversation}, epoch ${epoch}: ${had.who} saw ${had.holder || 'nobody'}, ${who} ${holder || 'nobody'}`);
    this.#holders.set(key, had ?? { holder, who });
  }

  /**
   * The Desk's `assigned` for a request `{kind, conversation, me, to, floor, again}`. One that was asked `again`, after its line or the
   * server went, is answered with how it stands: it may have been carried out before, and routing have found somebody since.
   */
  answered(request, assigned, who) {
    const { kind, conversation, floor, again } = request;
    const { epoch, holder } = stands(assigned);
    this.seen(conversation, { epoch, holder }, who, { floor });
    if (!again && !MEANS[kind](holder, request)) this.#finding(`${conversation}: ${who}'s ${kind} was answered by ${holder || 'nobody'}`);
    if ((this.#answered.get(conversation)?.epoch ?? 0) < epoch) this.#answered.set(conversation, { epoch, holder, kind, who });
    this.count(kind);
  }

  /** The Desk's `error` for a request. */
  refused({ kind, conversation, me }, { code, holder }, who) {
    if (kind === 'claim' && code === 'already_assigned' && (!holder?.id || holder.id === me)) this.#finding(`${conversation}: ${who}'s claim lost against ${holder?.id || 'nobody'}`);
    this.count(code);
  }

  /** What was answered, all in all. */
  get answers() {
    return Object.keys(MEANS).reduce((sum, kind) => sum + (this.counts.get(kind) ?? 0), 0);
  }

  /** `views`: how things stand in the end, `{name: Map(conversation → {epoch, holder})}`. Says where they differ; nothing: they agree. */
  static differences(views, conversations) {
    const said = (it) => (it ? `${it.holder || 'nobody'} by ${it.epoch}` : 'nothing');
    return conversations.flatMap((conversation) => {
      const all = Object.entries(views).map(([name, view]) => [name, said(view.get(conversation))]);
      return new Set(all.map(([, it]) => it)).size === 1 ? [] : [`${conversation}: ${all.map(([name, it]) => `${name} ${it}`).join(', ')}`];
    });
  }

  /** Everything at rest: all views agree, and on nothing less than what was answered. */
  judge(views, conversations) {
    for (const text of Assignments.differences(views, conversations)) this.#finding(text);
    for (const conversation of conversations) {
      for (const [name, view] of Object.entries(views)) {
        const { epoch = 0, holder = '' } = view.get(conversation) ?? {};
        this.seen(conversation, { epoch, holder }, `${name}, in the end,`, { floor: this.floor(conversation) });
        const last = this.#answered.get(conversation);
        if (last && (epoch < last.epoch || (epoch === last.epoch && holder !== last.holder))) this.#finding(`${conversation}: ${last.who}'s ${last.kind} was answered with ${last.holder || 'nobody'} by ${last.epoch}; ${name} has ${holder || 'nobody'} by ${epoch}`);
      }
    }
  }
}
