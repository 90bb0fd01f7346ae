// What routing knows of an agent while it is being changed: fields hold what was typed.

import { Problem } from '../api/problem';
import type { Agent, AgentProfile } from '../api/types';
import { pointOf, textOf } from './geo-point';
import { isLanguage, languagesOf, wordsOf } from './words';

export interface ProfileDraft {
  capacity: string;
  languages: string;
  skills: string;
  /** Absent where the server is of before and knows none. */
  location?: string;
}

/** The fields for an agent; null where the server is of before and knows none of them. */
export function profileDraftOf(agent: Agent | null): ProfileDraft | null {
  if (!agent || agent.capacity === undefined) return null;
  const location = agent.location === undefined ? {} : { location: agent.location ? textOf(agent.location) : '' };
  return { capacity: String(agent.capacity ?? ''), languages: (agent.languages ?? []).join(', '), skills: (agent.skills ?? []).join(', '), ...location };
}

/** What is sent. Throws a Problem with the field that can't be. */
export function profileOf({ capacity, languages, skills, location }: ProfileDraft): AgentProfile {
  const text = capacity.trim();
  const wrong = (field: string) => new Problem('bad_request', 400, '', field);
  if (text !== '' && !(/^\d+$/u.test(text) && Number(text) >= 1 && Number(text) <= 100)) throw wrong('capacity');
  const tags = languagesOf(languages);
  if (!tags.every(isLanguage)) throw wrong('languages');
  const profile = { capacity: text === '' ? null : Number(text), languages: tags, skills: wordsOf(skills) };
  if (location === undefined) return profile;
  const point = pointOf(location);
  if (location.trim() !== '' && !point) throw wrong('location');
  return { ...profile, location: point };
}
