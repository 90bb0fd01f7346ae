// What a ticket says of itself: how long it lasts, told without trusting this machine's clock, which may be hours off,
// and whose it is. Only the server can tell whether it is genuine.

const ASSUMED_MS = 10 * 60_000;

function claimsOf(ticket: string): Record<string, unknown> {
  try {
    return (JSON.parse(atob(ticket.split('.')[1]!.replaceAll('-', '+').replaceAll('_', '/'))) ?? {}) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** Milliseconds from its issue to its end, as the ticket itself says; a careful guess where it does not. */
export function ticketLifetime(ticket: string): number {
  const { iat, exp } = claimsOf(ticket);
  const lifetime = (Number(exp) - Number(iat)) * 1000;
  return lifetime > 0 ? lifetime : ASSUMED_MS;
}

/** The agent whose sockets it opens; '' where it does not say. */
export function ticketAgent(ticket: string): string {
  const { agent } = claimsOf(ticket);
  return typeof agent === 'string' ? agent : '';
}
