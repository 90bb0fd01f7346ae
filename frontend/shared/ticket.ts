// How long a ticket lasts, told without trusting this machine's clock, which may be hours off.

const ASSUMED_MS = 10 * 60_000;

/** Milliseconds from its issue to its end, as the ticket itself says; a careful guess where it does not. */
export function ticketLifetime(ticket: string): number {
  try {
    const { iat, exp } = JSON.parse(atob(ticket.split('.')[1]!.replaceAll('-', '+').replaceAll('_', '/'))) as Record<string, number>;
    const lifetime = (exp! - iat!) * 1000;
    return lifetime > 0 ? lifetime : ASSUMED_MS;
  } catch {
    return ASSUMED_MS;
  }
}
