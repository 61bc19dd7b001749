/**
 * Whether a client that is connected would still be let in, after a reload.
 *
 * Owns that question for what can be judged without asking the client again: its listener, its user and
 * password, its certificate, the policy for anonymous clients. Tokens and what a webhook said hold as
 * long as they said, while both are configured as they were.
 */

import { servesAnonymous } from "../access/authenticator.ts";
import { certificateName } from "../access/certificate_name.ts";
import type { ClientIdentity } from "../broker/access.ts";
import type { Settings } from "../config/settings.ts";
import { VERSION_NAMES } from "../protocol/describe.ts";
import type { ProtocolVersion } from "../protocol/packet.ts";
import type { ListenerOptions } from "./listener.ts";
import type { PreparedLogin } from "./login_settings.ts";
import { clientIdentifierFor } from "./login_terms.ts";
import type { ConnectionOrigin, ListenerLogin } from "./origin.ts";

/** A client that was let in. */
export interface ConnectedClient {
  readonly clientIdentifier: string;
  readonly protocolVersion: ProtocolVersion;
  readonly identity: ClientIdentity;
}

export interface JudgedConnection {
  /** Undefined: it has not logged in yet. */
  readonly session: ConnectedClient | undefined;
  /** Its listener: as it was configured when the connection was accepted. */
  readonly origin: ConnectionOrigin;
}

/** What proves user names, before and now. */
export interface Proofs {
  /** As `secretsByUser` has them. */
  readonly before: ReadonlyMap<string, string>;
  readonly now: ReadonlyMap<string, string>;
  /**
   * Tokens and a webhook know users that are in no list: whether there are such proofs now, and whether
   * they are still configured as they were.
   */
  readonly others: "none" | "same" | "changed";
}

/** A listener as it is configured now. */
export type JudgingListener = ListenerLogin & Pick<ListenerOptions, "tls">;

/** By user name, everything that a password of the user is checked with, as one text. */
export function secretsByUser(
  { users }: Pick<Settings, "users">,
  { hashes }: Pick<PreparedLogin, "hashes">,
): Map<string, string> {
  const secrets = new Map(hashes);
  for (const { name, scram } of users) {
    if (scram !== undefined) secrets.set(name, `${secrets.get(name) ?? ""} ${scram}`);
  }
  return secrets;
}

/** Why a connection has to go, for the log; undefined when it may stay. */
export function refusalNow(
  { session, origin }: JudgedConnection,
  listener: JudgingListener,
  proofs: Proofs,
): string | undefined {
  // What is read already, and a login that is going on, would be judged by what held before.
  if (session === undefined) return "it had not logged in yet when the configuration changed";
  return transportRefusal(origin, listener) ?? termsRefusal(session, listener) ??
    identityRefusal(session.identity, origin, listener, proofs);
}

/** What is fixed for as long as a connection lasts. */
function transportRefusal(
  { listener: before, isEncrypted, certificate }: ConnectionOrigin,
  { tls, mountPoint = "" }: JudgingListener,
): string | undefined {
  if ((before.mountPoint ?? "") !== mountPoint) return "its listener has another mount_point now";
  if (tls?.certificate === undefined) return undefined;
  if (!isEncrypted) return "its listener speaks TLS only now";
  if (certificate !== undefined && before.tls?.clientCa !== tls.clientCa) {
    return "its listener has another client_ca now";
  }
  return tls.clientCertificate === "require" && certificate === undefined
    ? "its listener requires a client certificate now"
    : undefined;
}

function termsRefusal(
  { clientIdentifier, protocolVersion, identity }: ConnectedClient,
  listener: JudgingListener,
): string | undefined {
  const version = VERSION_NAMES[protocolVersion];
  if (listener.protocolVersions?.includes(version) === false) {
    return `its listener does not speak MQTT ${version} any more`;
  }
  const identifier = clientIdentifierFor(listener, clientIdentifier, identity.username);
  if (typeof identifier !== "string") return identifier.rule;
  return identifier === clientIdentifier
    ? undefined
    : "its listener has use_username_as_clientid now";
}

function identityRefusal(
  { username, address }: ClientIdentity,
  origin: ConnectionOrigin,
  listener: JudgingListener,
  { before, now, others }: Proofs,
): string | undefined {
  const certified = certificateName({ ...origin, listener });
  if (certified !== undefined) {
    return certified === username
      ? undefined
      : `its certificate is that of user '${certified}' for its listener now`;
  }
  if (username === undefined) {
    return servesAnonymous(listener.allowAnonymous, address)
      ? undefined
      : `its listener has 'allow_anonymous: ${listener.allowAnonymous}' now`;
  }
  if (certificateName(origin) === username) {
    return "its listener does not take user names from certificates any more";
  }
  const [old, current] = [before.get(username), now.get(username)];
  if (current === undefined) {
    if (old !== undefined || others === "none") return `there is no user '${username}' any more`;
    return others === "same" ? undefined : "logins by token or webhook are configured anew";
  }
  return old === undefined || old === current
    ? undefined
    : `the password of user '${username}' has changed`;
}
