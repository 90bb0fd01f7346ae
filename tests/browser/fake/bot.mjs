// What the fake workspace's bot knows, and the routes of it, after docs/api.md. Models are kept, not read.
import { createHash, randomBytes } from 'node:crypto';
import { Refusal } from './refusal.mjs';
import { refuseUnknown } from './teams.mjs';

const ID = /^[a-z0-9_]{1,40}$/u;
const CALLED = /^https:\/\/[a-z0-9.-]+\.[a-z]+(\/|$)/u;
const FIELDS = ['title', 'answer', 'picture', 'does', 'buttons', 'handoff_level', 'examples', 'library'];
const iso = (at = Date.now()) => new Date(at).toISOString();

export class FakeBot {
  enabled = false;
  hold_back = null;
  handoff_team = null;
  responder = { kind: 'built_in', key_set: false };
  ceilings = { calls_per_day: 2_000, tokens_per_day: 200_000, tokens_per_answer: 600, calls_per_conversation: 100 };
  spent = { calls: 17, tokens: 12_300, reached: false };
  /** Newest first; each with its `file`. */
  models = [];
  current = 0;
  /** By their names. */
  intents = new Map();
  /** How often its signing secret was made. */
  signing = 0;
  /** Newest first. */
  faq = [];
  /** Newest first, whole. */
  articles = [];
  /** What these were, newest first. */
  past = [];
  revision = 1;
  /** The code by which it refuses models; for tests. */
  refusesModels = '';
  /** What it could not answer, as the route tells it, and how each was settled. */
  questions = [];
  settled = [];
  /** What it did: `days` and `intents` of its report. */
  did = { days: [], intents: [] };
  /** What was asked last week. */
  asked = [];
  /** What it would answer, by what is asked; `undefined`: it has learnt nothing. And what it was asked. */
  suggestions;
  suggested = [];
  /** What the model in use has learnt from. */
  learnt = 0;

  /** For tests and for the route. */
  addIntent(id, given = {}) {
    const old = this.intents.get(id) ?? { id, title: { en: '', zh: '' }, answer: { en: '', zh: '' }, does: 'answer', buttons: [], examples: [], library: true };
    const intent = { ...old, updated_at: later(old), ...given };
    this.intents.set(id, intent);
    this.revision++;
    return intent;
  }

  /** What `old` was until now, when somebody changed it or (`gone`) deleted it. */
  keep(kind, { id, updated_at, said: _, ...was }, by, gone = false) {
    this.past.unshift({ kind, gone, id, updated_at, until: iso(Math.max(Date.now(), Date.parse(updated_at) || 0)), by: { id: by.id, name: by.name }, was: structuredClone(was) });
  }

  addModel(file, { examples = 0, accuracy = null, revision = this.revision, by }) {
    const hash = createHash('sha256').update(file).digest('hex');
    const same = this.models.find((one) => one.hash === hash);
    const model = same ?? { version: (this.models[0]?.version ?? 0) + 1, hash, intents: this.intents.size, examples, accuracy, hold_back: 3, trained_at: iso(), trained_by: { id: by.id, name: by.name }, file };
    if (!same) this.models.unshift(model);
    this.current = model.version;
    this.learnt = revision;
    return model;
  }

  listed({ file: _, ...model }) {
    return { ...model, current: model.version === this.current };
  }

  view() {
    const model = this.models.find(({ version }) => version === this.current);
    const { enabled, hold_back, handoff_team, responder, ceilings, spent } = this;
    return { enabled, hold_back, handoff_team, responder, ceilings, spent, model: model ? this.listed(model) : null, changed: this.learnt < this.revision };
  }
}

export const BOT_ROUTES = {
  'GET /bot': ({ world }) => [200, world.bot.view()],
  'PATCH /bot': ({ world, agent, body }) => {
    manages(agent);
    refuseUnknown(body, ['enabled', 'hold_back', 'handoff_team', 'responder', 'ceilings']);
    const { hold_back = null, handoff_team = null } = body;
    if (hold_back !== null && (!Number.isInteger(hold_back) || hold_back < 0 || hold_back > 50)) throw wrong('hold_back');
    if (handoff_team !== null && !world.teams.some(({ id }) => id === handoff_team)) throw wrong('handoff_team');
    if (body.ceilings?.tokens_per_day < 60_000) throw wrong('tokens_per_day');
    const ceilings = { ...world.bot.ceilings, ...body.ceilings };
    Object.assign(world.bot, body, { ceilings }, body.responder ? { responder: responderOf(body.responder, world.bot.responder) } : {});
    return [200, world.bot.view()];
  },
  'GET /bot/models': ({ world: { bot } }) => [200, { models: bot.models.map((model) => bot.listed(model)) }],
  'POST /bot/models': ({ world: { bot }, agent, body, query }) => {
    manages(agent);
    if (!Buffer.isBuffer(body)) throw new Refusal(415, 'unsupported_media_type');
    if (bot.refusesModels) throw new Refusal(400, bot.refusesModels);
    const number = (name) => (query.has(name) ? Number(query.get(name)) : undefined);
    if (number('revision') < bot.learnt) throw new Refusal(409, 'conflict', { field: 'revision' });
    return [201, bot.listed(bot.addModel(body, { examples: number('examples'), accuracy: number('accuracy'), revision: number('revision'), by: agent }))];
  },
  'POST /bot/signing-secret': ({ world: { bot }, agent }) => {
    manages(agent);
    return [201, { secret: `whsec_${Buffer.from(`secret ${++bot.signing}`).toString('base64')}` }];
  },
  'POST /bot/responder/try': ({ world: { bot }, agent, body }) => {
    manages(agent);
    refuseUnknown(body, ['text', 'locale']);
    if (!body.text) throw wrong('text');
    return [200, bot.responder.key_set ? { ok: true, status: 200, text: 'A litre.', took_ms: 1_240 } : { ok: false, status: 401, reason: 'status', text: 'No key was given', took_ms: 90 }];
  },
  'POST /bot/models/:version/use': ({ world: { bot }, agent, params }) => {
    manages(agent);
    const model = found(bot.models.find(({ version }) => version === Number(params.version)));
    bot.current = model.version;
    return [200, bot.listed(model)];
  },
  'GET /bot/models/:version/file': ({ world: { bot }, params }) => [200, found(bot.models.find(({ version }) => version === Number(params.version))).file],
  'GET /bot/past': ({ world: { bot }, agent, query }) => {
    manages(agent);
    const [kind, id] = [query.get('kind'), query.get('id')];
    if (!['intent', 'faq', 'article'].includes(kind)) throw wrong('kind');
    const of = bot.past.filter((one) => one.kind === kind);
    const isLast = (one) => one.gone && of.find((other) => other.id === one.id) === one && !(kind === 'intent' && bot.intents.has(one.id));
    const found = of.filter((one) => (id ? one.id === id : isLast(one)));
    return [200, { past: found.map(({ kind: _, gone: __, ...one }) => one) }];
  },
  'GET /bot/report': ({ world: { bot }, query }) => [200, { from: Number(query.get('from')), to: Number(query.get('to')), ...bot.did }],
  'POST /bot/suggestions': ({ world: { bot }, body: { text, locale, ...rest } }) => {
    refuseUnknown(rest, []);
    if (!text?.trim()) throw wrong('text');
    bot.suggested.push([text, locale]);
    return [200, { suggestions: bot.suggestions?.[text] ?? [], learnt: bot.suggestions !== undefined }];
  },
  'GET /bot/asked': ({ world: { bot } }) => [200, { asked: bot.asked }],
  'GET /bot/questions': ({ world: { bot } }) => [200, { questions: bot.questions }],
  'POST /bot/questions/settle': ({ world: { bot }, body: { turns, how, intent, ...rest } }) => {
    refuseUnknown(rest, []);
    if (!['intent', 'faq', 'dismissed'].includes(how) || (how === 'intent') !== (intent !== undefined)) throw wrong('intent');
    const settled = bot.questions.flatMap((question) => question.turns).filter((turn) => turns.includes(turn)).length;
    bot.questions = bot.questions.filter((question) => !question.turns.some((turn) => turns.includes(turn)));
    if (settled) bot.settled.push({ turns, how, ...(intent ? { intent } : {}) });
    return [200, { settled }];
  },
  'GET /intents': ({ world: { bot } }) => [200, { intents: [...bot.intents.values()].sort((a, b) => (a.id < b.id ? -1 : 1)), revision: bot.revision }],
  'PUT /intents/:id': ({ world: { bot, teams, tags }, agent, params, body: { updated_at, ...body } }) => {
    manages(agent);
    const old = bot.intents.get(params.id);
    checkBegun(updated_at, old);
    checkIntent(bot, { ...body, id: params.id });
    // One that was named before its team was deleted stays as it is.
    const { handoff_team } = body;
    if (handoff_team && handoff_team !== old?.handoff_team && !teams.some(({ id }) => id === handoff_team)) throw wrong('handoff_team');
    const named = (body.tags ?? []).filter((one) => !old?.tags?.includes(one));
    if ((body.tags ?? []).length > 5 || !named.every((one) => tags.some(({ id }) => id === one))) throw wrong('tags');
    // It is the whole intent: what is not said is not kept.
    bot.intents.delete(params.id);
    if (old) bot.keep('intent', old, agent);
    return [old ? 200 : 201, bot.addIntent(params.id, { ...body, updated_at: later(old) })];
  },
  'DELETE /intents/:id': ({ world: { bot }, agent, params }) => {
    manages(agent);
    bot.keep('intent', found(bot.intents.get(params.id)), agent, true);
    bot.intents.delete(params.id);
    for (const intent of bot.intents.values()) intent.buttons = intent.buttons.filter((id) => id !== params.id);
    bot.revision++;
    return [204];
  },
  'POST /intents/import': ({ world: { bot }, agent, body: { intents } }) => {
    manages(agent);
    if (intents.length > 150) throw new Refusal(413, 'too_large');
    for (const { updated_at, ...intent } of intents) {
      checkBegun(updated_at, bot.intents.get(intent.id));
      checkIntent(bot, intent);
    }
    const sum = { added: 0, changed: 0, examples: 0 };
    for (const { id, title, answer, examples = [], updated_at: _, ...rest } of intents) {
      const old = bot.intents.get(id);
      const more = examples.filter((text) => !old?.examples.includes(text));
      const texts = (name, given) => (given ? { [name]: { ...(old?.[name] ?? { en: '', zh: '' }), ...given } } : {});
      bot.addIntent(id, { ...texts('title', title), ...texts('answer', answer), ...rest, examples: [...(old?.examples ?? []), ...more] });
      sum[old ? 'changed' : 'added']++;
      sum.examples += more.length;
    }
    return [200, sum];
  },
  'POST /intents/:id/examples': ({ world: { bot }, params: { id }, body: { examples, ...rest } }) => {
    refuseUnknown(rest, []);
    const old = found(bot.intents.get(id));
    const more = examples.filter((text) => !old.examples.includes(text));
    checkIntent(bot, { id, examples: [...old.examples, ...more] });
    if (more.length > 0) bot.addIntent(id, { examples: [...old.examples, ...more] });
    return [200, { examples: more.length }];
  },
  'DELETE /pictures/:hash': ({ world, agent, params: { hash } }) => {
    manages(agent);
    found(world.pictures.get(hash));
    if ([...world.bot.intents.values()].some(({ picture }) => Object.values(picture ?? {}).some((name) => name.startsWith(hash)))) throw new Refusal(409, 'conflict');
    world.pictures.delete(hash);
    return [204];
  },
  'GET /faq': ({ world: { bot }, query }) => {
    const from = Number(query.get('after') ?? 0);
    const more = bot.faq.length > from + 100 ? { after: String(from + 100) } : {};
    return [200, { faq: bot.faq.slice(from, from + 100), ...more }];
  },
  'POST /faq': ({ world: { bot }, body }) => {
    checkFaq(body);
    const entry = { id: `faq_${randomBytes(10).toString('hex')}`, ...body, updated_at: iso() };
    bot.faq.unshift(entry);
    return [201, entry];
  },
  'PUT /faq/:id': ({ world: { bot }, agent, params, body: { updated_at, ...body } }) => {
    manages(agent);
    checkFaq(body);
    const old = found(bot.faq.find(({ id }) => id === params.id));
    checkBegun(updated_at, old);
    bot.keep('faq', old, agent);
    return [200, Object.assign(old, body, { updated_at: later(old) })];
  },
  'DELETE /faq/:id': ({ world: { bot }, agent, params }) => {
    manages(agent);
    bot.keep('faq', found(bot.faq.find(({ id }) => id === params.id)), agent, true);
    bot.faq = bot.faq.filter(({ id }) => id !== params.id);
    return [204];
  },
  'POST /faq/import': ({ world: { bot }, agent, body: { faq } }) => {
    manages(agent);
    if (faq.length > 500) throw new Refusal(413, 'too_large');
    for (const entry of faq) checkFaq(entry);
    const sum = { added: 0, changed: 0 };
    for (const entry of faq) {
      const old = bot.faq.find(({ locale, question }) => locale === entry.locale && question === entry.question);
      sum[old ? 'changed' : 'added']++;
      if (old) Object.assign(old, entry, { updated_at: iso() });
      else bot.faq.unshift({ id: `faq_${randomBytes(10).toString('hex')}`, ...entry, updated_at: iso() });
    }
    return [200, sum];
  },
};

/** The routes of articles; a preview is not read as Markdown here, only marked. */
Object.assign(BOT_ROUTES, {
  'GET /articles': ({ world: { bot } }) => [200, { articles: bot.articles.map(({ body: _, ...line }) => line) }],
  'GET /articles/:id': ({ world: { bot }, params }) => [200, found(bot.articles.find(({ id }) => id === params.id))],
  'POST /articles': ({ world: { bot }, agent, body }) => {
    manages(agent);
    checkArticle(body);
    const article = { id: `art_${randomBytes(8).toString('hex')}`, ...body, updated_at: iso() };
    bot.articles.unshift(article);
    return [201, article];
  },
  'PUT /articles/:id': ({ world: { bot }, agent, params, body: { updated_at, ...body } }) => {
    manages(agent);
    checkArticle(body);
    const old = found(bot.articles.find(({ id }) => id === params.id));
    checkBegun(updated_at, old);
    bot.keep('article', old, agent);
    return [200, Object.assign(old, body, { updated_at: later(old) })];
  },
  'DELETE /articles/:id': ({ world: { bot }, agent, params }) => {
    manages(agent);
    bot.keep('article', found(bot.articles.find(({ id }) => id === params.id)), agent, true);
    bot.articles = bot.articles.filter(({ id }) => id !== params.id);
    return [204];
  },
  'POST /articles/preview': ({ agent, body: { text } }) => {
    manages(agent);
    return [200, { text: `<h2 dir="auto">${text.replace(/[<>&"'#]/gu, '').trim()}</h2>` }];
  },
});

function checkArticle({ title, body, published, ...rest }) {
  refuseUnknown(rest, []);
  if (!title?.en && !title?.zh) throw wrong('title');
  for (const language of ['en', 'zh']) if (published && !title[language] !== !body[language]) throw wrong(title[language] ? 'body' : 'title');
}

/** Who answers, as it is shown. */
function responderOf({ kind, url = '', model = '', key, ...rest }, old) {
  refuseUnknown(rest, []);
  if (!['built_in', 'webhook', 'model'].includes(kind)) throw wrong('kind');
  if (kind === 'built_in') return { kind, key_set: false };
  if (!CALLED.test(url)) throw new Refusal(400, 'url_refused', { field: 'url' });
  if (kind === 'webhook') return { kind, url, key_set: false };
  if (!model) throw wrong('model');
  return { kind, url, model, key_set: key === undefined ? old.kind === kind && old.url === url && old.key_set : key !== '' };
}

function checkIntent(bot, { id, title = {}, answer = {}, does = 'answer', buttons = [], form = [], action, article: _article, handoff_team: _team, tags: _tags, examples = [], ...rest }) {
  refuseUnknown(rest, FIELDS);
  if (!ID.test(id ?? '')) throw wrong('id');
  if ([title.en, title.zh].some((text) => [...(text ?? '')].length > 80)) throw wrong('title');
  if ([answer.en, answer.zh].some((text) => [...(text ?? '')].length > 4000)) throw wrong('answer');
  if (!['answer', 'handoff'].includes(does)) throw wrong('does');
  if (buttons.length > 5 || buttons.some((button) => button !== id && !bot.intents.has(button))) throw wrong('buttons');
  if (form.length > 6 || form.some(({ key }, n) => !ID.test(key) || form.findIndex((one) => one.key === key) !== n)) throw wrong('form');
  if (action && !CALLED.test(action.url)) throw new Refusal(400, 'url_refused', { field: 'action' });
  if (examples.length > 500 || examples.some((text) => [...text].length > 400)) throw wrong('examples');
}

function checkFaq({ locale, question, answer, ...rest }) {
  refuseUnknown(rest, []);
  if (!['en', 'zh'].includes(locale)) throw wrong('locale');
  if (!question?.trim() || [...question].length > 400) throw wrong('question');
  if (!answer?.trim() || [...answer].length > 20_000) throw wrong('answer');
}

/** Somebody has saved it since: `begun` is of another version. */
function checkBegun(begun, old) {
  if (begun !== undefined && begun !== (old?.updated_at ?? '')) throw new Refusal(409, 'conflict', { field: 'updated_at' });
}

/** A version is later than the one before. */
const later = (old) => iso(Math.max(Date.now(), (Date.parse(old?.updated_at) || 0) + 1));

function found(thing) {
  if (!thing) throw new Refusal(404, 'not_found');
  return thing;
}

function manages(agent) {
  if (agent.role === 'agent') throw new Refusal(403, 'forbidden');
}

const wrong = (field) => new Refusal(400, 'bad_request', { field });
