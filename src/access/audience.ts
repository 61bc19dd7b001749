/**
 * Which clients a role is for: an `Audience`, read once and asked for every connection.
 *
 * Owns the matching; what the parts of an audience mean is said at `Audience` in `rule.ts`.
 */

import { type Network, networkContains, parseNetwork } from "./network.ts";
import type { Audience, RuleClient } from "./rule.ts";

export class AudienceMatcher {
  readonly #audience: Audience;
  readonly #users: ReadonlySet<string>;
  readonly #groups: ReadonlySet<string>;
  readonly #clientIdentifiers: ReadonlySet<string> | undefined;
  readonly #listeners: ReadonlySet<string> | undefined;
  readonly #networks: readonly Network[] | undefined;

  /** Throws `SyntaxError` when a network is none. */
  constructor(audience: Audience) {
    this.#audience = audience;
    this.#users = new Set(audience.users);
    this.#groups = new Set(audience.groups);
    this.#clientIdentifiers = asSet(audience.clientIdentifiers);
    this.#listeners = asSet(audience.listeners);
    this.#networks = audience.networks?.map((text) => {
      const network = parseNetwork(text);
      if (network !== undefined) return network;
      throw new SyntaxError(`Cannot read "${text}" as a network: no IP address or CIDR range`);
    });
  }

  includes(client: RuleClient): boolean {
    return this.#includesPerson(client) &&
      (this.#clientIdentifiers?.has(client.clientIdentifier) ?? true) &&
      (this.#listeners?.has(client.listener) ?? true) &&
      (this.#networks?.some((network) => networkContains(network, client.address)) ?? true);
  }

  #includesPerson({ username, groups }: RuleClient): boolean {
    const { users, groups: named, anonymous } = this.#audience;
    if (users === undefined && named === undefined && anonymous === undefined) return true;
    // Nobody is in a group without a name that was proven.
    if (username === undefined) return anonymous === true;
    return this.#users.has(username) || groups.some((group) => this.#groups.has(group));
  }
}

function asSet(values: readonly string[] | undefined): ReadonlySet<string> | undefined {
  return values === undefined ? undefined : new Set(values);
}
