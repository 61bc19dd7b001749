/**
 * How many rows of each kind there are in what was read.
 */

import { Change } from "./batch.ts";

export interface StoreCounts {
  sessions: number;
  subscriptions: number;
  outgoing: number;
  inbound: number;
  retained: number;
}

export function noCounts(): StoreCounts {
  return { sessions: 0, subscriptions: 0, outgoing: 0, inbound: 0, retained: 0 };
}

export function count(change: Change, counts: StoreCounts): void {
  if (change === Change.PutSession) counts.sessions++;
  else if (change === Change.PutSubscription) counts.subscriptions++;
  else if (change === Change.PutOutgoing) counts.outgoing++;
  else if (change === Change.PutInbound) counts.inbound++;
  else if (change === Change.PutRetained) counts.retained++;
}
