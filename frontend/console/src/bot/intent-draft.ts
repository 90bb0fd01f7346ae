// An intent in the editor: its examples one a line, and what is wrong with it before anything is sent. Pure.

import type { Image } from '../../../shared/wire/types';
import type { Action, FormField, Intent, IntentDraft, Words } from '../api/types';
import { EXAMPLE_LENGTH, ID } from './examples';

/** The picture under an answer. */
export interface PictureForm {
  /** In each language, for texts in it: here they are one picture, from elsewhere they may be two. One that is not sent yet has no name. */
  names: Words;
  alt: Words;
  file?: Uint8Array;
  /** What it looks like until then. */
  preview?: string;
}

export interface IntentForm extends Omit<IntentDraft, 'action' | 'article' | 'examples' | 'form' | 'handoff_level' | 'handoff_team' | 'picture' | 'tags'> {
  id: string;
  picture: PictureForm | null;
  form: FormField[];
  /** Without an address: none. */
  action: Action;
  /** Empty: none. */
  article: string;
  handoff_team: string;
  /** 0: as its visitor's. */
  handoff_level: number;
  tags: string[];
  /** One a line. */
  examples: string;
}

export const BUTTONS = 5;
export const EXAMPLES = 500;
/** So many intents a workspace may have. */
export const INTENTS = 150;
export const FIELDS = 6;
export const TAGS = 5;
export const ALT_LENGTH = 200;
export const LEVELS = 9;
export const KINDS = ['order', 'email', 'phone', 'text'] as const;

/** The intent for the editor; null: a new one. */
export function formOf(intent: Intent | null): IntentForm {
  if (!intent) return { id: '', title: { en: '', zh: '' }, answer: { en: '', zh: '' }, picture: null, does: 'answer', buttons: [], form: [], action: { url: '', verified: false }, article: '', handoff_team: '', handoff_level: 0, tags: [], examples: '', library: true };
  const { id, title, answer, picture, does, buttons, form, action = { url: '', verified: false }, article, handoff_team, handoff_level = 0, tags = [], examples, library } = intent;
  return { id, title: { ...title }, answer: { ...answer }, picture: picture ? pictureOf(picture) : null, does, buttons: [...buttons], form: (form ?? []).map(fieldOf), action: { ...action }, article: article ?? '', handoff_team: handoff_team ?? '', handoff_level, tags: [...tags], examples: examples.join('\n'), library };
}

/** A copy that can be changed. */
export const fieldOf = ({ key, kind, ask }: FormField): FormField => ({ key, kind, ask: { ...ask } });

export const linesOf = (text: string) => text.split(/\r\n|\r|\n/u).map((line) => line.trim()).filter(Boolean);

/** What is sent: whom a person answers is offered no buttons and told no article, and nothing is called for them. */
export function draftOf({ title, answer, picture, does, buttons, form, action, article, handoff_team, handoff_level, tags, examples, library }: IntentForm): IntentDraft {
  const trimmed = ({ en, zh }: typeof title) => ({ en: en.trim(), zh: zh.trim() });
  const fields = form.map(({ key, kind, ask }) => ({ key: key.trim(), kind, ask: trimmed(ask) }));
  const url = does === 'answer' ? action.url.trim() : '';
  const shown = picture && { picture: trimmed({ en: `${picture.names.en} ${picture.alt.en.trim()}`, zh: `${picture.names.zh} ${picture.alt.zh.trim()}` }) };
  return { title: trimmed(title), answer: trimmed(answer), ...shown, does, buttons: does === 'answer' ? [...buttons] : [], ...(fields.length && { form: fields }), ...(url && { action: { url, verified: action.verified } }), ...(does === 'answer' && article && { article }), ...(handoff_team && { handoff_team }), ...(handoff_level && { handoff_level }), ...(tags.length && { tags: [...tags] }), examples: linesOf(examples), library };
}

/** Which fields have no name of their own. */
export function wrongKeys(fields: readonly FormField[]): number[] {
  const keys = fields.map(({ key }) => key.trim());
  return keys.flatMap((key, n) => (ID.test(key) && keys.indexOf(key) === n ? [] : [n]));
}

/** `taken`: the names of those that are there, if this is a new one. */
export function faultOf(form: IntentForm, taken: readonly string[]): { field: 'id' | 'title' | 'examples' | 'form'; code: 'bad_request' | 'conflict'; } | null {
  if (!ID.test(form.id)) return { field: 'id', code: 'bad_request' };
  if (taken.includes(form.id)) return { field: 'id', code: 'conflict' };
  if (!form.title.en.trim() && !form.title.zh.trim()) return { field: 'title', code: 'bad_request' };
  if (wrongKeys(form.form).length) return { field: 'form', code: 'bad_request' };
  const lines = linesOf(form.examples);
  const isTooMuch = lines.length > EXAMPLES || lines.some((line) => [...line].length > EXAMPLE_LENGTH);
  return isTooMuch ? { field: 'examples', code: 'bad_request' } : null;
}

/** A picture in one language: hash and size by its name, and what stands for it; null: it is none. */
export function imageOf(picture: string): Image | null {
  const [, hash = '', width, height, alt = ''] = /^([0-9a-f]{32})-(\d+)x(\d+)(?: (.*))?$/u.exec(picture) ?? [];
  return hash ? { hash, width: Number(width), height: Number(height), alt } : null;
}

/** The hashes of pictures that were there and are no more. */
export function goneFrom(before: PictureForm | null, now: PictureForm | null): string[] {
  const hashes = (picture: PictureForm | null) => (picture ? [picture.names.en, picture.names.zh] : []).flatMap((name) => imageOf(name)?.hash ?? []);
  const kept = hashes(now);
  return [...new Set(hashes(before))].filter((hash) => !kept.includes(hash));
}

/** Where one language is missing the other one's is shown. */
function pictureOf({ en, zh }: Words): PictureForm {
  const parts = (picture: string) => /^(\S*) ?(.*)$/u.exec(picture) ?? [];
  const [[, nameEn = '', altEn = ''], [, nameZh = '', altZh = '']] = [parts(en), parts(zh)];
  return { names: { en: nameEn || nameZh, zh: nameZh || nameEn }, alt: { en: altEn, zh: altZh } };
}
