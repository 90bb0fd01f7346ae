// What a message costs its owner at Cloudflare, from what was counted. Prices and limits as published in November 2026;
// allowances that a plan includes are left out, so the figure is that of the last million, not of the first.

/** Dollars for a million. */
const PRICES = { objectRequests: 0.15, objectRows: 1, d1Rows: 1, d1Reads: 0.001, queue: 0.4, requests: 0.3 };
/** The free plan's limits for a day. */
const FREE = { objectRequests: 100_000, objectRows: 100_000, d1Rows: 100_000, queue: 10_000, requests: 100_000 };
/** Frames that come in on a socket are billed by twenties; what goes out is free. */
const FRAMES_PER_REQUEST = 20;
/** An operation of the queue carries this much; writing, reading and deleting are one each. */
const QUEUE_OPERATION_BYTES = 64 * 1024;

const sum = (byKind) => Object.values(byKind).reduce((total, it) => total + it, 0);

/**
 * Per message, from the counts of counting.mjs. They begin and end while messages are on their way: so each is held against
 * those that have passed just there, which the Room has stored, the queue was given, or the history has taken.
 */
export function perMessage(counts) {
  const { stored, told } = counts;
  const taken = counts.lags.length;
  const blocks = Math.max(counts.queueSent, Math.ceil(counts.queueBytes / QUEUE_OPERATION_BYTES));
  return {
    roomRows: (counts.rows.Room + counts.alarms.Room) / stored,
    objectRows: (sum(counts.rows) + sum(counts.alarms)) / stored,
    d1Rows: counts.d1Written / taken,
    d1Reads: counts.d1Read / taken,
    // Written and deleted once each; what came twice was read twice.
    queue: (blocks * 2) / told + counts.queueHandled / taken,
    objectRequests: 1 / FRAMES_PER_REQUEST + (sum(counts.requests) + sum(counts.rang)) / stored,
    requests: counts.queueBatches / taken,
  };
}

/** Dollars for a million messages. */
export const million = (it) => Object.entries(PRICES).reduce((total, [name, price]) => total + it[name] * price, 0);

/** Messages a day on the free plan, and what ends them. */
export function freeDay(it) {
  const most = Object.entries(FREE).map(([name, limit]) => ({ name, messages: Math.floor(limit / it[name]) }));
  return most.reduce((least, other) => (other.messages < least.messages ? other : least));
}
