// How the fake workspace's sites prove who their visitors are.
import { randomBytes } from 'node:crypto';
import { Refusal } from './refusal.mjs';
import { refuseUnknown } from './teams.mjs';

export const IDENTITY_ROUTES = {
  'GET /sites/:id/identity': ({ world, agent, params }) => [200, of(world, agent, params.id)],
  'POST /sites/:id/identity': ({ world, agent, params, body }) => {
    refuseUnknown(body, ['new_secret', 'secret_before', 'enforced']);
    const before = of(world, agent, params.id);
    if (body.secret_before !== undefined && body.secret_before !== before.secret) throw new Refusal(409, 'conflict', { field: 'secret' });
    if (before.secret === null && !body.new_secret) throw new Refusal(400, 'bad_request', { field: 'new_secret' });
    const secret = body.new_secret ? randomBytes(32).toString('base64url') : before.secret;
    const after = { secret, enforced: body.enforced ?? (before.enforced || before.secret === null) };
    world.identities.set(params.id, after);
    return [200, after];
  },
};

function of(world, agent, site) {
  if (agent.role === 'agent') throw new Refusal(403, 'forbidden');
  if (world.isOlder || !world.sites.some(({ id }) => id === site)) throw new Refusal(404, 'not_found');
  return world.identities.get(site) ?? { secret: null, enforced: false };
}
