// Simplified Chinese, gathered by part of the console.

import { auth } from './auth';
import { board } from './board';
import { common, problem } from './common';
import { conversation } from './conversation';
import { hours } from './hours';
import { inbox } from './inbox';
import { offers } from './offers';
import { settings } from './settings';
import { start } from './start';

export const zh: typeof import('../en').en = { ...common, problem, auth, inbox, conversation, offers, board, settings, hours, start };
