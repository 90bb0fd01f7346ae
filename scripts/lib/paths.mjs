// Where everything lives. Scripts never depend on the folder they are called from.
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

/** The repository. */
export const root = fileURLToPath(new URL('../../', import.meta.url)).replace(/\/$/, '');

/** A path inside the repository. */
export const at = (...parts) => join(root, ...parts);

/** Programs that npm installs. */
export const bin = (name) => at('frontend/node_modules/.bin', name);

/** What a machine keeps for itself: secrets, the local store, logins. Ignored by git. */
export const local = (...parts) => at('.local', ...parts);
