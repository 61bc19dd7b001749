/**
 * What every part of the core shares. One object for each broker, so that two brokers in one
 * process know nothing of each other.
 */

import type { AccessControl } from "./access.ts";
import type { BrokerEvents } from "./events.ts";
import type { Journal } from "./journal.ts";
import type { BrokerLimits } from "./limits.ts";
import type { Clock } from "./message.ts";
import type { Outgoing } from "./outgoing.ts";
import type { ReplayBudget } from "./replay_budget.ts";
import type { Statistics } from "./statistics.ts";
import type { TopicTable } from "./topic_table.ts";

export interface BrokerContext extends Clock {
  readonly limits: BrokerLimits;
  /** By the rules of now. */
  readonly access: AccessControl;
  readonly events: BrokerEvents;
  readonly statistics: Statistics;
  readonly topics: TopicTable;
  readonly replayBudget: ReplayBudget;
  /** Where changes of durable sessions and retained messages are recorded. */
  readonly journal: Journal;
  /**
   * A message that a session cannot get any more goes to another member of the shared group that it
   * came for. False when it came for none, or nobody is left who may receive it.
   */
  passOn(outgoing: Outgoing): boolean;
}
