// The trainer alone on a page, for `console-trainer.test.mjs`.
import { openTrainer } from '../../../frontend/console/src/bot/trainer';

Object.assign(window, { openTrainer });
