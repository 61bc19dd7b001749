/**
 * Access by rules: the engine as the core asks it.
 *
 * Owns the groups of configured users and what becomes of a subscription of which only a part is
 * allowed. Frozen: a reload makes another one. The client is told nothing but "Not authorized"; which
 * rule decided is for the log.
 */

import {
  type AccessControl,
  type ClientAccess,
  type ClientIdentity,
  notAuthorized,
  type Refusal,
} from "../broker/access.ts";
import type { ClientRules } from "./client_rules.ts";
import type { RuleEngine } from "./rules.ts";

/** What becomes of a Topic Filter that matches more than the client may receive. */
export type PartialSubscriptions = "filter" | "refuse";

export interface RuleAccessOptions {
  readonly engine: RuleEngine;
  /** Groups of configured users, by user name. */
  readonly groups: ReadonlyMap<string, readonly string[]>;
  readonly partialSubscriptions: PartialSubscriptions;
}

export class RuleAccess implements AccessControl {
  readonly #options: RuleAccessOptions;

  constructor(options: RuleAccessOptions) {
    this.#options = options;
  }

  accessOf(clientIdentifier: string, identity: ClientIdentity): ClientAccess {
    const rules = this.rulesOf(clientIdentifier, identity);
    return new RuleClientAccess(rules, this.#options.partialSubscriptions);
  }

  /** The rules that hold for a client, with all its groups: those of its proof and of its user. */
  rulesOf(clientIdentifier: string, identity: ClientIdentity): ClientRules {
    const { username } = identity;
    const configured = username === undefined ? undefined : this.#options.groups.get(username);
    const groups = [...identity.groups, ...configured ?? []];
    return this.#options.engine.compile({ ...identity, clientIdentifier, groups });
  }
}

class RuleClientAccess implements ClientAccess {
  readonly #rules: ClientRules;
  readonly #partialSubscriptions: PartialSubscriptions;

  constructor(rules: ClientRules, partialSubscriptions: PartialSubscriptions) {
    this.#rules = rules;
    this.#partialSubscriptions = partialSubscriptions;
  }

  mayPublish(topicName: string): Refusal | undefined {
    const { allowed, reason } = this.#rules.mayPublish(topicName);
    return allowed ? undefined : notAuthorized(reason);
  }

  mayReceive(topicName: string): boolean {
    return this.#rules.mayReceive(topicName).allowed;
  }

  maySubscribe(topicFilter: string): Refusal | undefined {
    const { extent, deniedBy } = this.#rules.maySubscribe(topicFilter);
    const mayBePart = this.#partialSubscriptions === "filter";
    if (extent === "all" || (extent === "part" && mayBePart)) return undefined;
    const reason = deniedBy?.reason ?? "no rule allows it";
    if (extent === "none") return notAuthorized(reason);
    return notAuthorized(
      `only a part of it is allowed, and partial_subscriptions: refuse; ${reason}`,
    );
  }
}
