/**
 * What a listener demands of a client: the version it speaks, and its Client Identifier.
 *
 * Owns the checks; what they are made of is in `origin.ts`. What the client is told names no setting:
 * the log gets that.
 */

import type { Refusal } from "../broker/access.ts";
import { VERSION_NAMES } from "../protocol/describe.ts";
import type { ConnectPacket } from "../protocol/packet.ts";
import { ReasonCode } from "../protocol/reason_code.ts";
import type { ListenerLogin } from "./origin.ts";

/** Before anything else of the client is looked at. */
export function versionRefusal(
  { protocolVersions }: ListenerLogin,
  { protocolVersion }: ConnectPacket,
): Refusal | undefined {
  const name = VERSION_NAMES[protocolVersion];
  if (protocolVersions === undefined || protocolVersions.includes(name)) return undefined;
  return {
    reasonCode: ReasonCode.UnsupportedProtocolVersion, // [MQTT-3.1.2-2]
    reasonString: `MQTT ${name} is not spoken here`,
    rule: `it speaks MQTT ${name}, and protocol_versions of its listener has ` +
      `${protocolVersions.join(", ")} only`,
  };
}

/**
 * The Client Identifier that a client gets, empty for one that the broker assigns; or why it may not
 * connect. `username`: as proven or, where nothing proves names, as given.
 */
export function clientIdentifierFor(
  { clientidPrefixes = [], useUsernameAsClientid = false }: ListenerLogin,
  clientIdentifier: string,
  username: string | undefined,
): string | Refusal {
  if (useUsernameAsClientid) {
    if (username !== undefined && username !== "") return username;
    return {
      reasonCode: ReasonCode.NotAuthorized,
      reasonString: "Not authorized",
      rule: "its listener has use_username_as_clientid, and it gives no user name",
    };
  }
  if (clientidPrefixes.length === 0) return clientIdentifier;
  if (clientidPrefixes.some((prefix) => clientIdentifier.startsWith(prefix))) {
    return clientIdentifier;
  }
  return {
    reasonCode: ReasonCode.ClientIdentifierNotValid,
    reasonString: "This Client Identifier is not accepted here",
    rule: "its Client Identifier begins with none of clientid_prefixes of its listener",
  };
}
