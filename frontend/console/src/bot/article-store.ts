// The articles without their texts, which are asked for one by one.

import { defineStore } from 'pinia';
import { articles as api } from '../api/routes';
import { useKnownThings } from './known-things';

export const useArticles = defineStore('articles', () => useKnownThings(async () => (await api.list()).articles));
